/**
 * `GET /mqtt`: forwards MQTT over WebSocket to the broker, which checks the credentials and limits packet size and idle
 * time. The Worker checks the page's origin and that the request is an MQTT upgrade.
 */
import { openAppStore } from "../access/app-store.ts";
import { findOrigins } from "../access/apps.ts";
import { assertOrigin } from "../access/origins.ts";
import { assertEnv, type Env } from "../env.ts";
import { assertMqttUpgrade, toSocketPort } from "./mqtt-upgrade.ts";

/** Close code of RFC 6455, 7.4.1. A page can read a close code, but not the HTTP status of a failed upgrade. */
const TRY_AGAIN_LATER = 1013;

/** Fails with 403 `forbidden_origin` or 426 `upgrade_required`. Closes with 1013 if the broker is unavailable. */
export const getMqtt = async (request: Request, env: Env): Promise<Response> => {
  assertEnv(env);
  const subprotocol = assertMqttUpgrade(request);
  if (request.headers.has("Origin")) assertOrigin(request, await findOrigins(openAppStore(env)));
  const sockets = toSocketPort(env);
  const forwarded = await sockets.forwardToBroker(subprotocol);
  if (forwarded !== undefined) return forwarded;
  const { socket, response } = sockets.accept(subprotocol);
  socket.close(TRY_AGAIN_LATER, "broker_unavailable");
  return response;
};
