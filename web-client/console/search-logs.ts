/**
 * Asks `GET /search`.
 */
import { MAX_QUERY_LENGTH } from "../../contract/limits.ts";
import type { SearchAnswer } from "../../contract/search.ts";
import { toParams, type Query } from "./query.ts";

/** What came of a search. */
export type SearchOutcome =
  | { readonly state: "found"; readonly answer: SearchAnswer }
  | { readonly state: "signed_out" }
  | { readonly state: "failed"; readonly message: string };

/** Rows that are asked for at once. */
export const PAGE_SIZE = 200;

const describe = async (response: Response): Promise<string> => {
  try {
    const { detail } = (await response.json()) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // Not a problem document: the status has to say it.
  }
  return `The server answered ${response.status}.`;
};

/** Never rejects, except when `signal` aborts. */
export const searchLogs = async (query: Query, token: string, signal: AbortSignal): Promise<SearchOutcome> => {
  const params = toParams({ ...query, q: query.q.slice(0, MAX_QUERY_LENGTH) });
  params.set("limit", String(PAGE_SIZE));
  try {
    const response = await fetch(`/search?${params.toString()}`, {
      headers: { authorization: `Bearer ${token}` },
      cache: "no-store",
      signal,
    });
    if (response.status === 401) return { state: "signed_out" };
    if (!response.ok) return { state: "failed", message: await describe(response) };
    return { state: "found", answer: (await response.json()) as SearchAnswer };
  } catch (error) {
    signal.throwIfAborted();
    const isNetwork = error instanceof TypeError;
    return { state: "failed", message: isNetwork ? "The server cannot be reached." : "The answer could not be read." };
  }
};
