/**
 * Logs of the same session, device or client around an event.
 */
import { readField } from "#contract/query/fields.ts";
import type { ContextResponse, ContextParams, SearchHit } from "#contract/api/search.ts";
import { FailureError } from "../failure.ts";
import { allOf, term, type Clause } from "../query/clauses.ts";
import { inApps } from "./scope.ts";
import { toHit } from "./to-hit.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { searchPage, type PagePosition } from "./search-page.ts";

/** Fields by which related events are found, narrowest grouping first. */
const GROUP_FIELDS = { session: "session.id", device: "resource.device.id", client: "edgelog.client" } as const;

type Grouping = keyof typeof GROUP_FIELDS;

const GROUPINGS = Object.keys(GROUP_FIELDS) as readonly Grouping[];

const findEvent = async (
  client: StoreClient,
  apps: Clause,
  id: string,
): Promise<{ hit: SearchHit; position: PagePosition }> => {
  const clause = allOf([apps, term("log.record.uid", id)]);
  const [found] = (await searchPage(client, { clause, size: 1, order: "desc" })).hits;
  if (found === undefined) throw new FailureError({ kind: "event_not_found" });
  return { hit: toHit(found), position: [found.sort[0], found.sort[1] ?? id] };
};

const findGrouping = (
  document: SearchHit["document"],
  requested: Grouping | undefined,
): readonly [Grouping, string] | undefined => {
  for (const name of requested === undefined ? GROUPINGS : [requested]) {
    const value = readField(document, GROUP_FIELDS[name]);
    if (typeof value === "string") return [name, value];
  }
  return undefined;
};

/**
 * The event, and the logs before and after it in the same app: session ids are unique within an app only.
 * Throws `event_not_found`.
 */
export const fetchContext = async (
  client: StoreClient,
  apps: readonly string[],
  { id, limit, by }: ContextParams,
): Promise<ContextResponse> => {
  const { hit: event, position } = await findEvent(client, inApps(apps), id);
  const grouping = findGrouping(event.document, by);
  if (grouping === undefined) return { event, before: [], after: [] };
  const [name, value] = grouping;
  const clause = allOf([inApps([event.document.edgelog.app]), term(GROUP_FIELDS[name], value)]);
  const searchFrom = async (order: "asc" | "desc"): Promise<SearchHit[]> =>
    (await searchPage(client, { clause, size: limit, order, after: position })).hits.map(toHit);
  const [before, after] = await Promise.all([searchFrom("desc"), searchFrom("asc")]);
  return { event, by: name, value, before: before.toReversed(), after };
};
