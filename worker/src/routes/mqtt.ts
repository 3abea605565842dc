/**
 * `GET /mqtt`: MQTT over WebSocket, passed through to the broker as it is. The broker checks the credentials.
 */
import type { Env } from "../env.ts";
import { ProblemError } from "../problem.ts";

export const getMqtt = async (request: Request, env: Env): Promise<Response> => {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    throw new ProblemError({
      status: 426,
      reason: "upgrade_required",
      detail: "This is MQTT over WebSocket: connect with an MQTT client, subprotocol mqtt.",
      headers: { Upgrade: "websocket" },
    });
  }
  try {
    return await fetch(env.BROKER_URL, request);
  } catch {
    throw new ProblemError({
      status: 502,
      reason: "broker_unavailable",
      detail: "The MQTT broker does not answer. POST /logs takes the same batches.",
    });
  }
};
