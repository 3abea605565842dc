/**
 * Logs around an event: of the same session, device or client, or else of the same trace, host, service or app.
 */
import { readField } from "#contract/query/fields.ts";
import {
  CONTEXT_GROUPINGS,
  type ContextGrouping,
  type ContextParams,
  type ContextResponse,
  type SearchHit,
} from "#contract/api/search.ts";
import { FailureError } from "../failure.ts";
import { allOf, term, type Clause } from "../query/clauses.ts";
import { inApps, toApps } from "./scope.ts";
import { toHit } from "./to-hit.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { positionOf, searchPage } from "./search-page.ts";
import type { PagePosition } from "./sort-order.ts";

interface GroupField {
  readonly field: string;
  /** Whether logs of other apps belong to the group. The ids of clients and the names of services are unique within an app only. */
  readonly isAcrossApps: boolean;
}

const GROUP_FIELDS: Readonly<Record<ContextGrouping, GroupField>> = {
  session: { field: "session.id", isAcrossApps: true },
  device: { field: "resource.device.id", isAcrossApps: true },
  client: { field: "edgelog.client", isAcrossApps: false },
  trace: { field: "traceId", isAcrossApps: true },
  host: { field: "resource.host.name", isAcrossApps: true },
  service: { field: "resource.service.name", isAcrossApps: false },
  app: { field: "edgelog.app", isAcrossApps: false },
};

const findEvent = async (
  client: StoreClient,
  apps: Clause,
  id: string,
): Promise<{ hit: SearchHit; position: PagePosition }> => {
  const clause = allOf([apps, term("log.record.uid", id)]);
  const [found] = (await searchPage(client, { clause, size: 1, order: "desc" })).hits;
  if (found === undefined) throw new FailureError({ kind: "event_not_found" });
  return { hit: toHit(found), position: positionOf(found) };
};

const readId = (document: SearchHit["document"], by: ContextGrouping): string | undefined => {
  const value = readField(document, GROUP_FIELDS[by].field);
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The event, and the logs before and after it in the readable apps. Throws `event_not_found` and `forbidden_app`. */
export const fetchContext = async (
  client: StoreClient,
  apps: readonly string[],
  { id, app, limit, by: requested }: ContextParams,
): Promise<ContextResponse> => {
  const { hit: event, position } = await findEvent(client, inApps(toApps(app, apps)), id);
  const groupings = CONTEXT_GROUPINGS.filter((by) => readId(event.document, by) !== undefined);
  const by = requested === undefined ? groupings[0] : groupings.find((each) => each === requested);
  const value = by === undefined ? undefined : readId(event.document, by);
  if (by === undefined || value === undefined) return { event, groupings, before: [], after: [] };
  const { field, isAcrossApps } = GROUP_FIELDS[by];
  const clause = allOf([inApps(isAcrossApps ? apps : [event.document.edgelog.app]), term(field, value)]);
  const searchFrom = async (order: "asc" | "desc"): Promise<SearchHit[]> =>
    (await searchPage(client, { clause, size: limit, order, after: position })).hits.map(toHit);
  const [before, after] = await Promise.all([searchFrom("desc"), searchFrom("asc")]);
  return { event, by, value, groupings, before: before.toReversed(), after };
};
