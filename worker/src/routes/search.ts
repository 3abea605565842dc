/**
 * `GET /search`: the newest logs that match, page by page, for the holder of a reader token.
 */
import { searchParamsSchema, type SearchResponse } from "#contract/api/search.ts";
import type { Env } from "../env.ts";
import { openPointInTime } from "../opensearch/point-in-time.ts";
import { searchPage } from "../read/search-page.ts";
import { readCursor, writeCursor } from "../read/cursor.ts";
import { HIGHLIGHT } from "../read/highlight.ts";
import { toReadScope } from "../read/scope.ts";
import { toHit } from "../read/to-hit.ts";
import { answerJson, readRequest } from "./read-request.ts";

export const getSearch = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await readRequest(request, env, searchParamsSchema);
  const { clause } = toReadScope(params, reader.apps, Date.now());
  const cursor = await readCursor(params, params.cursor);
  // Most searches are looked at for one page: a point in time is opened by those that go on.
  const pit = cursor === undefined ? undefined : (cursor.pit ?? (await openPointInTime(client)));
  const page = await searchPage(client, {
    clause,
    size: params.limit,
    order: "desc",
    after: cursor?.after,
    pit,
    isCounted: true,
    highlight: params.highlight ? HIGHLIGHT : undefined,
  });
  const { total, hits, next } = page;
  return answerJson({
    total: total?.value ?? 0,
    totalIsLowerBound: total?.relation === "gte",
    hits: hits.map(toHit),
    ...(next === undefined ? {} : { nextCursor: await writeCursor(params, { after: next, pit: page.pit }) }),
  } satisfies SearchResponse);
};
