/**
 * `GET /tail`: a live tail of a reader's apps, MQTT 5 over WebSocket. User name `_reader`, password a reader token.
 */
import { findReader } from "../access/apps.ts";
import { assertEnv, type Env } from "../env.ts";
import { assertOwnOrigin } from "../access/origins.ts";
import { isTailTooOften } from "../access/rate-limit.ts";
import { serveTail, type TailSocket } from "../tail/serve-tail.ts";
import { answerUpgrade, askBroker, assertMqttUpgrade } from "./upgrade.ts";

const SUBPROTOCOL = "mqtt";

const openBroker = async (env: Env): Promise<TailSocket | undefined> => {
  const { webSocket } = (await askBroker(env, SUBPROTOCOL)) ?? {};
  if (webSocket === undefined || webSocket === null) return undefined;
  webSocket.binaryType = "arraybuffer";
  webSocket.accept();
  return webSocket;
};

export const getTail = (request: Request, env: Env): Response => {
  assertEnv(env);
  const subprotocol = assertMqttUpgrade(request);
  assertOwnOrigin(request);
  const { 0: client, 1: page } = new WebSocketPair();
  page.binaryType = "arraybuffer";
  page.accept();
  serveTail(page, {
    findReader: (token) => findReader(env.APPS, token),
    isTooOften: (token) => isTailTooOften(token, env),
    openBroker: () => openBroker(env),
    password: env.TAIL_PASSWORD,
  });
  return answerUpgrade(client, subprotocol);
};
