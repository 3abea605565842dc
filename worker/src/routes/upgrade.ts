/**
 * What `/mqtt` and `/tail` share: an upgrade to MQTT over WebSocket, and the way to the broker.
 */
import type { Env } from "../env.ts";
import { logTrouble } from "../logger.ts";
import { ProblemError } from "../http/problem.ts";

const SUBPROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];

/** The subprotocol to agree on. Throws where the request is no upgrade to MQTT. */
export const assertMqttUpgrade = (request: Request): string => {
  const subprotocol = (request.headers.get("Sec-WebSocket-Protocol") ?? "")
    .split(",")
    .map((name) => name.trim())
    .find((name) => SUBPROTOCOLS.includes(name));
  if (request.headers.get("Upgrade")?.toLowerCase() === "websocket" && subprotocol !== undefined) return subprotocol;
  throw new ProblemError({
    status: 426,
    reason: "upgrade_required",
    detail: "This is MQTT over WebSocket: connect with an MQTT client, subprotocol mqtt.",
    headers: { Upgrade: "websocket" },
  });
};

/** The broker's answer to an upgrade, its WebSocket in it; `undefined` while there is none to be had. */
export const askBroker = async (env: Env, subprotocol: string): Promise<Response | undefined> => {
  // Only what the upgrade needs: cookies and other headers of the site are none of the broker's business.
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": subprotocol };
  try {
    const response = await fetch(env.BROKER_URL, { headers });
    if (response.status === 101) return response;
    logTrouble("the broker refused a WebSocket", { status: response.status });
  } catch {
    logTrouble("the broker does not answer");
  }
  return undefined;
};

/** Answers an upgrade with a WebSocket of the Worker's own. */
export const answerUpgrade = (webSocket: WebSocket, subprotocol: string): Response =>
  new Response(null, { status: 101, webSocket, headers: { "Sec-WebSocket-Protocol": subprotocol } });
