/**
 * `GET /tail`: a live tail of a reader's apps as MQTT 5 over WebSocket. User name `_reader`, password a reader token.
 */
import { openAppStore } from "../access/app-store.ts";
import { findReader } from "../access/apps.ts";
import { assertOwnOrigin } from "../access/origins.ts";
import { isTailRateLimited } from "../access/rate-limit.ts";
import { assertEnv, type Env } from "../env.ts";
import { openTails } from "../tail/open-tails.ts";
import { serveTail, type TailSocket } from "../tail/serve-tail.ts";
import { assertMqttUpgrade, connectToBroker, toUpgradeResponse } from "./mqtt-upgrade.ts";

const SUBPROTOCOL = "mqtt";

const openBrokerSocket = async (env: Env): Promise<TailSocket | undefined> => {
  const { webSocket } = (await connectToBroker(env, SUBPROTOCOL)) ?? {};
  if (webSocket === undefined || webSocket === null) return undefined;
  webSocket.binaryType = "arraybuffer";
  webSocket.accept();
  return webSocket;
};

/**
 * Fails with 403 `forbidden_origin` or 426 `upgrade_required`. All later errors, such as an invalid token, are MQTT reason
 * codes in CONNACK or DISCONNECT.
 */
export const getTail = (request: Request, env: Env): Response => {
  assertEnv(env);
  const subprotocol = assertMqttUpgrade(request);
  assertOwnOrigin(request);
  const { 0: client, 1: page } = new WebSocketPair();
  page.binaryType = "arraybuffer";
  page.accept();
  serveTail(page, {
    findReader: (token) => findReader(openAppStore(env), token),
    isRateLimited: (token) => isTailRateLimited(token, env),
    openTails,
    openBroker: () => openBrokerSocket(env),
    password: env.TAIL_PASSWORD,
  });
  return toUpgradeResponse(client, subprotocol);
};
