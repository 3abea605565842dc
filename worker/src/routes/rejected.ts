/**
 * `GET /rejected`: rejected events of a reader's apps, newest first. Payloads without an app id are visible to the
 * operator only.
 */
import { rejectedParamsSchema, type RejectedResponse } from "#contract/api/search.ts";
import { allOf, term } from "../query/clauses.ts";
import { decodeCursor, encodeCursor } from "../read/cursor.ts";
import { REJECTED_ORDER } from "../read/sort-order.ts";
import { fetchRejected } from "../read/fetch-rejected.ts";
import { inApps, inTime, toApps, toTimeRange } from "../read/scope.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

export const getRejected = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond } = await parseReadRequest(call, rejectedParamsSchema);
  const { app, reason, from, to, limit } = params;
  const range = toTimeRange(from, to, Date.now());
  const clause = allOf([
    inApps(toApps(app, reader.apps)),
    ...inTime(range),
    ...(reason === undefined ? [] : [term("reason", reason)]),
  ]);
  const { next, ...response } = await fetchRejected(
    client,
    clause,
    limit,
    await decodeCursor(params, params.cursor, REJECTED_ORDER),
  );
  const nextCursor = next === undefined ? {} : { nextCursor: await encodeCursor(params, { after: next }) };
  return respond({ ...response, ...nextCursor } satisfies RejectedResponse, range);
};
