/**
 * `POST /mcp`: the Model Context Protocol over streamable HTTP, stateless. Read-only, for the apps of a reader token.
 */
import { openAppStore } from "../access/app-store.ts";
import { authenticateReader } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { FailureError, type Failure } from "../failure.ts";
import { readJson } from "../http/read-body.ts";

const MAX_BODY_BYTES = 65_536;

/**
 * Fails with 401, with 400 `invalid_json` also for a list of messages, which would avoid the rate limit, and with 413. Errors of tools
 * are results with `isError`.
 */
export const postMcp = async (request: Request, env: Env, toFailure: (error: Error) => Failure): Promise<Response> => {
  await authenticateReader(request, openAppStore(env));
  const body = await readJson(request, MAX_BODY_BYTES);
  if (Array.isArray(body)) throw new FailureError({ kind: "malformed_json" });
  const { serveMcp } = await import("../mcp/serve-mcp.ts");
  const response = await serveMcp(request, body, env, toFailure);
  const headers = new Headers(response.headers);
  headers.set("Cache-Control", "no-store");
  return new Response(response.body, { status: response.status, headers });
};

/** `GET` would open a stream and `DELETE` would end a session; the server has neither. */
export const rejectMcpMethod = (): Response => new Response(null, { status: 405, headers: { Allow: "POST" } });
