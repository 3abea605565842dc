/**
 * What the same session, device or client logged around an event.
 */
import { readField } from "#contract/query/fields.ts";
import type { ContextResponse, ContextParams, SearchHit } from "#contract/api/search.ts";
import { ProblemError } from "../http/problem.ts";
import { allOf, term, type Clause } from "../query/clauses.ts";
import { inApps } from "./scope.ts";
import { toHit } from "./to-hit.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { searchPage, type Place } from "./search-page.ts";

/** Field by which an event's neighbours are found, the closest company first. */
const COMPANIES = { session: "session.id", device: "resource.device.id", client: "edgelog.client" } as const;

type Company = keyof typeof COMPANIES;

const NAMES = Object.keys(COMPANIES) as readonly Company[];

const findEvent = async (client: StoreClient, apps: Clause, id: string): Promise<{ hit: SearchHit; place: Place }> => {
  const clause = allOf([apps, term("log.record.uid", id)]);
  const [found] = (await searchPage(client, { clause, size: 1, order: "desc" })).hits;
  if (found === undefined) {
    throw new ProblemError({ status: 404, reason: "not_found", detail: "There is no such event.", field: "id" });
  }
  return { hit: toHit(found), place: [found.sort[0], found.sort[1] ?? id] };
};

const findCompany = (
  document: SearchHit["document"],
  wanted: Company | undefined,
): readonly [Company, string] | undefined => {
  for (const name of wanted === undefined ? NAMES : [wanted]) {
    const value = readField(document, COMPANIES[name]);
    if (typeof value === "string") return [name, value];
  }
  return undefined;
};

/** Within the event's own app: ids of sessions are unique there at the most. */
export const readContext = async (
  client: StoreClient,
  apps: readonly string[],
  { id, limit, by }: ContextParams,
): Promise<ContextResponse> => {
  const { hit: event, place } = await findEvent(client, inApps(apps), id);
  const company = findCompany(event.document, by);
  if (company === undefined) return { event, before: [], after: [] };
  const [name, value] = company;
  const clause = allOf([inApps([event.document.edgelog.app]), term(COMPANIES[name], value)]);
  const read = async (order: "asc" | "desc"): Promise<SearchHit[]> =>
    (await searchPage(client, { clause, size: limit, order, after: place })).hits.map(toHit);
  const [before, after] = await Promise.all([read("desc"), read("asc")]);
  return { event, by: name, value, before: before.toReversed(), after };
};
