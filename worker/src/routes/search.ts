/**
 * `GET /search`: matching logs, newest first, page by page.
 */
import { searchParamsSchema, type SearchResponse } from "#contract/api/search.ts";
import { openPointInTime } from "../opensearch/point-in-time.ts";
import { searchPage } from "../read/search-page.ts";
import { decodeCursor, encodeCursor } from "../read/cursor.ts";
import { HIGHLIGHT } from "../read/highlight.ts";
import { toReadScope } from "../read/scope.ts";
import { toHit } from "../read/to-hit.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

/**
 * At most `limit` logs (default and maximum are in `searchParamsSchema`) and the cursor of the next page. Fails with 400
 * `invalid_query` or `invalid_cursor`, 403 `forbidden_app`, 503 `store_unavailable`.
 */
export const getSearch = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, searchParamsSchema);
  const scope = toReadScope(params, reader.apps, Date.now());
  const cursor = await decodeCursor(params, params.cursor);
  // Most readers look at one page only, so a point in time is opened with the second page.
  const pit = cursor === undefined ? undefined : (cursor.pit ?? (await openPointInTime(client)));
  const page = await searchPage(client, {
    clause: scope.clause,
    size: params.limit,
    order: "desc",
    after: cursor?.after,
    pit,
    isCounted: true,
    highlight: params.highlight ? HIGHLIGHT : undefined,
  });
  const { total, hits, next } = page;
  const hints = cursor === undefined && hits.length === 0 ? [...scope.hints, ...scope.emptyHints] : scope.hints;
  const response: SearchResponse = {
    total: total?.value ?? 0,
    totalIsLowerBound: total?.relation === "gte",
    hits: hits.map(toHit),
    ...(hints.length === 0 ? {} : { hints: [...hints] }),
    ...(next === undefined ? {} : { nextCursor: await encodeCursor(params, { after: next, pit: page.pit }) }),
  };
  return respond(response, scope);
};
