/**
 * `GET /rejected`: what could not be stored, and why. What names no app is for the operator alone.
 */
import { rejectedParamsSchema, type RejectedResponse } from "#contract/api/search.ts";
import type { Env } from "../env.ts";
import { readRejected } from "../read/rejected.ts";
import { allOf, term } from "../query/clauses.ts";
import { readCursor, writeCursor } from "../read/cursor.ts";
import { inApps, inTime, toApps, toTimeRange } from "../read/scope.ts";
import { answerJson, readRequest } from "./read-request.ts";

export const getRejected = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await readRequest(request, env, rejectedParamsSchema);
  const { app, reason, from, to, limit } = params;
  const clause = allOf([
    inApps(toApps(app, reader.apps)),
    ...inTime(toTimeRange(from, to, Date.now())),
    ...(reason === undefined ? [] : [term("reason", reason)]),
  ]);
  const { next, ...answer } = await readRejected(client, clause, limit, await readCursor(params, params.cursor));
  const nextCursor = next === undefined ? {} : { nextCursor: await writeCursor(params, { after: next }) };
  return answerJson({ ...answer, ...nextCursor } satisfies RejectedResponse);
};
