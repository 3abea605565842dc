/**
 * `GET /mqtt`: MQTT over WebSocket, passed through to the broker as it is. The broker checks the credentials, and bounds
 * packets and silence; here it is checked that a page may do this at all, and that it is MQTT that it asks for.
 */
import { findOrigins } from "../access/apps.ts";
import { assertEnv, type Env } from "../env.ts";
import { assertOrigin } from "../access/origins.ts";
import { answerUpgrade, askBroker, assertMqttUpgrade } from "./upgrade.ts";

/** RFC 6455, 7.4.1 and its registry: try again later. A page can read a close code, and no status of an upgrade. */
const TRY_AGAIN_LATER = 1013;

/** Accepts the connection in order to close it with a reason. */
const closeAtOnce = (subprotocol: string): Response => {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(TRY_AGAIN_LATER, "broker_unavailable");
  return answerUpgrade(client, subprotocol);
};

export const getMqtt = async (request: Request, env: Env): Promise<Response> => {
  assertEnv(env);
  const subprotocol = assertMqttUpgrade(request);
  if (request.headers.has("Origin")) assertOrigin(request, await findOrigins(env.APPS));
  return (await askBroker(env, subprotocol)) ?? closeAtOnce(subprotocol);
};
