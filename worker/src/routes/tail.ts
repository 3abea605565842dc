/**
 * `GET /tail`: a live tail of a reader's apps as MQTT 5 over WebSocket. User name `_reader`, password a reader token.
 */
import { openAppStore } from "../access/app-store.ts";
import { findReader } from "../access/apps.ts";
import { assertOwnOrigin } from "../access/origins.ts";
import { isTailRateLimited } from "../access/rate-limit.ts";
import { assertEnv, type Env } from "../env.ts";
import { openTails } from "../tail/open-tails.ts";
import { serveTail } from "../tail/serve-tail.ts";
import { assertMqttUpgrade, toSocketPort } from "./mqtt-upgrade.ts";

const SUBPROTOCOL = "mqtt";

/**
 * Fails with 403 `forbidden_origin` or 426 `upgrade_required`. All later errors, such as an invalid token, are MQTT reason
 * codes in CONNACK or DISCONNECT.
 */
export const getTail = (request: Request, env: Env): Response => {
  assertEnv(env);
  const subprotocol = assertMqttUpgrade(request);
  assertOwnOrigin(request);
  const sockets = toSocketPort(env);
  const { socket, response } = sockets.accept(subprotocol);
  serveTail(socket, {
    findReader: (token) => findReader(openAppStore(env), token),
    isRateLimited: (token) => isTailRateLimited(token, env),
    openTails,
    openBroker: () => sockets.openBroker(SUBPROTOCOL),
    password: env.TAIL_PASSWORD,
  });
  return response;
};
