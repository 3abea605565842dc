/**
 * Upgrades to MQTT over WebSocket, shared by `/mqtt` and `/tail`.
 */
import type { Env } from "../env.ts";
import { FailureError } from "../failure.ts";
import type { SocketPort } from "../tail/socket-port.ts";
import { createWorkerdSockets } from "./workerd-sockets.ts";

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

/** The WebSockets of the current runtime. */
export const toSocketPort = (env: Env): SocketPort => env.SOCKETS ?? createWorkerdSockets(env);
