/**
 * The WebSockets of workerd: a response with the status 101 has the client's end of a `WebSocketPair`.
 */
import { fetchBroker, type Env } from "../env.ts";
import { logWarning } from "../logger.ts";
import type { SocketPort } from "../tail/socket-port.ts";

/** The broker's response to an upgrade, with its WebSocket; `undefined` if the broker is unavailable. */
const connectToBroker = async (env: Env, subprotocol: string): Promise<Response | undefined> => {
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

export const createWorkerdSockets = (env: Env): SocketPort => ({
  accept(subprotocol) {
    const { 0: client, 1: server } = new WebSocketPair();
    server.binaryType = "arraybuffer";
    server.accept();
    const headers = { "Sec-WebSocket-Protocol": subprotocol };
    return { socket: server, response: new Response(null, { status: 101, webSocket: client, headers }) };
  },
  forwardToBroker: (subprotocol) => connectToBroker(env, subprotocol),
  async openBroker(subprotocol) {
    const { webSocket } = (await connectToBroker(env, subprotocol)) ?? {};
    if (webSocket === undefined || webSocket === null) return undefined;
    webSocket.binaryType = "arraybuffer";
    webSocket.accept();
    return webSocket;
  },
});
