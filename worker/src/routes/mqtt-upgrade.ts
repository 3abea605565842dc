/**
 * Upgrades to MQTT over WebSocket, shared by `/mqtt` and `/tail`.
 */
import { fetchBroker, type Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import { logWarning } from "../logger.ts";

const SUBPROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];

/** The subprotocol to accept. Throws `not_mqtt_upgrade`. */
export const assertMqttUpgrade = (request: Request): string => {
  const subprotocol = (request.headers.get("Sec-WebSocket-Protocol") ?? "")
    .split(",")
    .map((name) => name.trim())
    .find((name) => SUBPROTOCOLS.includes(name));
  if (request.headers.get("Upgrade")?.toLowerCase() === "websocket" && subprotocol !== undefined) return subprotocol;
  throw new FailureError({ kind: "not_mqtt_upgrade" });
};

/** The broker's response to an upgrade, with its WebSocket; `undefined` if the broker is unavailable. */
export const connectToBroker = async (env: Env, subprotocol: string): Promise<Response | undefined> => {
  // Cookies and other headers of the site are not forwarded to the broker.
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": subprotocol };
  try {
    const response = await fetchBroker(env, headers);
    if (response.status === 101) return response;
    logWarning("the broker rejected a WebSocket", { status: response.status });
  } catch {
    logWarning("the broker is unavailable");
  }
  return undefined;
};

/** The response that hands the client its end of a `WebSocketPair`. */
export const toUpgradeResponse = (webSocket: WebSocket, subprotocol: string): Response =>
  new Response(null, { status: 101, webSocket, headers: { "Sec-WebSocket-Protocol": subprotocol } });
