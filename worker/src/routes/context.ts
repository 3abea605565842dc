/**
 * `GET /context`: an event by its id, and the logs of the same session, device or client around it.
 */
import { contextParamsSchema } from "#contract/api/search.ts";
import type { Env } from "../env.ts";
import { fetchContext } from "../read/fetch-context.ts";
import { parseReadRequest, toPrivateResponse } from "./parse-read-request.ts";

/** Fails with 404 `not_found` if no readable app has an event with this id. */
export const getContext = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await parseReadRequest(request, env, contextParamsSchema);
  return toPrivateResponse(await fetchContext(client, reader.apps, params));
};
