/**
 * `POST /mcp`: the Model Context Protocol over streamable HTTP, stateless. Read-only, for the apps of a reader token.
 */
import { openAppStore } from "../access/app-store.ts";
import { authenticateReader } from "../access/credentials.ts";
import { FailureError, type Failure } from "../failure.ts";
import { readJson } from "../http/read-body.ts";
import type { ReadCall } from "./parse-read-request.ts";

const MAX_BODY_BYTES = 65_536;

/**
 * Fails with 401, with 400 `invalid_json` also for a list of messages, which would avoid the rate limit, and with 413. Errors of tools
 * are results with `isError`.
 */
export const postMcp = async (call: ReadCall, toFailure: (error: Error) => Failure): Promise<Response> => {
  const { request, env } = call;
  await authenticateReader(request, openAppStore(env));
  const body = await readJson(request, MAX_BODY_BYTES);
  if (Array.isArray(body)) throw new FailureError({ kind: "malformed_json" });
  const { serveMcp } = await import("../mcp/serve-mcp.ts");
  const response = await serveMcp(call, body, toFailure);
  const headers = new Headers(response.headers);
  headers.set("Cache-Control", "no-store");
  return new Response(response.body, { status: response.status, headers });
};

/** `GET` would open a stream and `DELETE` would end a session; the server has neither. */
export const rejectMcpMethod = (): Response => new Response(null, { status: 405, headers: { Allow: "POST" } });
