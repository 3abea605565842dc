/**
 * `GET /context`: an event by its id, and the logs around it of the same session, device, trace or other group.
 */
import { contextParamsSchema } from "#contract/api/search.ts";
import type { Env } from "../env.ts";
import { fetchContext } from "../read/fetch-context.ts";
import { parseReadRequest, type ReadContext } from "./parse-read-request.ts";

/** Fails with 404 `not_found` if no readable app has an event with this id, and with 503 if indices are missing. */
export const getContext = async (request: Request, env: Env, context: ReadContext): Promise<Response> => {
  const { reader, params, client, respond, assertComplete } = await parseReadRequest(
    { request, env, context },
    contextParamsSchema,
  );
  const found = await fetchContext(client, reader.apps, params).catch(async (error: unknown) => {
    // The event may be in an index that was not searched.
    await assertComplete();
    throw error;
  });
  return respond(found);
};
