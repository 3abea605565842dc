/**
 * `GET /context`: an event by its id, and what the same session, device or client logged around it.
 */
import { contextParamsSchema } from "#contract/api/search.ts";
import type { Env } from "../env.ts";
import { readContext } from "../read/context.ts";
import { answerJson, readRequest } from "./read-request.ts";

export const getContext = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await readRequest(request, env, contextParamsSchema);
  return answerJson(await readContext(client, reader.apps, params));
};
