/**
 * `GET /mqtt`: MQTT over WebSocket, passed through to the broker as it is. The broker checks the credentials, and bounds
 * packets and silence; here it is checked that a page may do this at all, and that it is MQTT that it asks for.
 */
import { findOrigins } from "../apps.ts";
import { assertEnv, type Env } from "../env.ts";
import { logTrouble } from "../logger.ts";
import { assertOrigin } from "../origins.ts";
import { ProblemError } from "../problem.ts";

const SUBPROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];

/** RFC 6455, 7.4.1 and its registry: try again later. A page can read a close code, and no status of an upgrade. */
const TRY_AGAIN_LATER = 1013;

const subprotocolOf = (request: Request): string | undefined =>
  (request.headers.get("Sec-WebSocket-Protocol") ?? "")
    .split(",")
    .map((name) => name.trim())
    .find((name) => SUBPROTOCOLS.includes(name));

/** Accepts the connection in order to close it with a reason. */
const closeAtOnce = (subprotocol: string): Response => {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(TRY_AGAIN_LATER, "broker_unavailable");
  return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": subprotocol } });
};

export const getMqtt = async (request: Request, env: Env): Promise<Response> => {
  assertEnv(env);
  const subprotocol = subprotocolOf(request);
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket" || subprotocol === undefined) {
    throw new ProblemError({
      status: 426,
      reason: "upgrade_required",
      detail: "This is MQTT over WebSocket: connect with an MQTT client, subprotocol mqtt.",
      headers: { Upgrade: "websocket" },
    });
  }
  if (request.headers.has("Origin")) assertOrigin(request, await findOrigins(env.APPS));
  // Only what the upgrade needs: cookies and other headers of the site are none of the broker's business.
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": subprotocol };
  try {
    const response = await fetch(env.BROKER_URL, { headers });
    if (response.status === 101) return response;
    logTrouble("the broker refused a WebSocket", { status: response.status });
  } catch {
    logTrouble("the broker does not answer");
  }
  return closeAtOnce(subprotocol);
};
