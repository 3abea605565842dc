/**
 * `GET /context`: an event by its id, and the logs around it of the same session, device, trace or other group.
 */
import { contextParamsSchema } from "#contract/api/search.ts";
import { fetchContext } from "../read/fetch-context.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

/** Fails with 404 `not_found` if no readable app has an event with this id, and with 503 if indices are missing. */
export const getContext = async (call: ReadCall): Promise<Response> => {
  const { reader, params, client, respond, assertComplete } = await parseReadRequest(call, contextParamsSchema);
  const context = await fetchContext(client, reader.apps, params).catch(async (error: unknown) => {
    // The event may be in an index that was not searched.
    await assertComplete();
    throw error;
  });
  return respond(context);
};
