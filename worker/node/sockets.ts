/**
 * The WebSockets of Node.js. `/tail` ends at this process; `/mqtt` is connected with the broker byte by byte.
 */
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { MAX_PACKET_BYTES, MAX_TAIL_REQUEST_BYTES } from "#contract/wire/limits.ts";
import { FailureError } from "../src/failure.ts";
import { logWarning } from "../src/logger.ts";
import type { SocketPort, TailSocket } from "../src/tail/socket-port.ts";

/** The routes that upgrade. */
export const WEBSOCKET_PATHS: readonly string[] = ["/mqtt", "/tail"];

const CONNECT_TIMEOUT_MS = 10_000;

/** How long a client may take to respond to the end of its tail. A stop of the server waits for it. */
const TAIL_CLOSE_TIMEOUT_MS = 1_500;

/** RFC 6455, 7.4.1: the server is stopping. */
const GOING_AWAY = 1001;
const STOPPING = "server_stopping";

/** RFC 6455, 4.1: 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSION = "13";

const OPTIONS = { perMessageDeflate: false } as const;
/** Messages of the broker have the size of logs. */
const BROKER_OPTIONS = { ...OPTIONS, maxPayload: MAX_PACKET_BYTES, handshakeTimeout: CONNECT_TIMEOUT_MS } as const;

/**
 * Anyone can open a tail, and `ws` buffers a message until it is complete: its bytes, and an object for each fragment and for each
 * chunk that the system delivers. The numbers are far above those of browsers and MQTT clients.
 */
const TAIL_OPTIONS = {
  ...OPTIONS,
  maxPayload: MAX_TAIL_REQUEST_BYTES,
  maxFragments: 64,
  maxBufferedChunks: 1_024,
  closeTimeout: TAIL_CLOSE_TIMEOUT_MS,
} as const;

/** An upgrade request, as the event `upgrade` of an HTTP server gives it. */
export interface Upgrade {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface NodeSockets {
  /** The port of one request. `onUpgraded` is called when the response has been sent on the socket. */
  toPort(upgrade: Upgrade, onUpgraded: () => void): SocketPort;
  /** Closes all WebSockets, also those whose upgrade is in progress. Their clients connect again. */
  close(): void;
}

const toTailSocket = (socket: WebSocket): TailSocket => {
  socket.binaryType = "arraybuffer";
  // Without a listener an error would end the process. The event `close` follows.
  socket.on("error", () => undefined);
  return socket;
};

const assertHandshake = ({ headers }: IncomingMessage): void => {
  const isValid = KEY.test(headers["sec-websocket-key"] ?? "") && headers["sec-websocket-version"] === VERSION;
  if (!isValid) throw new FailureError({ kind: "not_mqtt_upgrade" });
};

/** The bytes of a response with the status 101. */
const toHandshake = (response: IncomingMessage): string => {
  const { "sec-websocket-accept": accept = "", "sec-websocket-protocol": protocol } = response.headers;
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
};

/** Connects two sockets. If one ends or fails, the other one ends too. */
const connect = (left: Duplex, right: Duplex): void => {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
};

/** @param brokerUrl URL of the broker's plain WebSocket listener, `http://` or `https://`. */
export const createNodeSockets = (brokerUrl: string): NodeSockets => {
  const subprotocols = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    ...TAIL_OPTIONS,
    noServer: true,
    handleProtocols: (_, request) => subprotocols.get(request) ?? false,
  });
  const forwarded = new Set<Duplex>();
  let isClosing = false;

  const forward = ({ incoming, socket, head }: Upgrade, subprotocol: string): Promise<Response | undefined> =>
    new Promise((resolve) => {
      forwarded.add(socket);
      socket.once("close", () => forwarded.delete(socket));
      if (isClosing) socket.destroy();
      const outgoing = (brokerUrl.startsWith("https:") ? requestHttps : requestHttp)(brokerUrl, {
        agent: false,
        timeout: CONNECT_TIMEOUT_MS,
        // Cookies and other headers of the site are not forwarded to the broker.
        headers: {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Key": incoming.headers["sec-websocket-key"],
          "Sec-WebSocket-Version": VERSION,
          "Sec-WebSocket-Protocol": subprotocol,
        },
      });
      const cancel = (): void => void outgoing.destroy();
      socket.once("close", cancel);
      outgoing.once("upgrade", (response, brokerSocket, brokerHead) => {
        socket.off("close", cancel);
        socket.write(toHandshake(response));
        socket.write(brokerHead);
        brokerSocket.write(head);
        connect(socket, brokerSocket);
        resolve(new Response(null));
      });
      outgoing.once("response", (response) => {
        logWarning("the broker rejected a WebSocket", { status: response.statusCode ?? 0 });
        response.destroy();
        resolve(undefined);
      });
      outgoing.once("timeout", () => outgoing.destroy());
      outgoing.on("error", () => {
        if (!socket.destroyed) logWarning("the broker is unavailable");
        resolve(undefined);
      });
      outgoing.end();
    });

  return {
    toPort: (upgrade, onUpgraded) => ({
      accept(subprotocol) {
        const { incoming, socket, head } = upgrade;
        assertHandshake(incoming);
        subprotocols.set(incoming, subprotocol);
        let accepted: WebSocket | undefined;
        server.handleUpgrade(incoming, socket, head, (webSocket) => (accepted = webSocket));
        // In both cases the response has been sent.
        onUpgraded();
        if (accepted === undefined) throw new FailureError({ kind: "not_mqtt_upgrade" });
        if (isClosing) accepted.close(GOING_AWAY, STOPPING);
        return { socket: toTailSocket(accepted), response: new Response(null) };
      },
      async forwardToBroker(subprotocol) {
        assertHandshake(upgrade.incoming);
        const response = await forward(upgrade, subprotocol);
        if (response !== undefined) onUpgraded();
        return response;
      },
      openBroker: (subprotocol) =>
        new Promise((resolve) => {
          const url = brokerUrl.replace(/^http/, "ws");
          const webSocket = new WebSocket(url, [subprotocol], BROKER_OPTIONS);
          webSocket.once("open", () => resolve(toTailSocket(webSocket)));
          webSocket.once("error", () => {
            if (webSocket.readyState !== WebSocket.OPEN) logWarning("the broker is unavailable");
            resolve(undefined);
          });
        }),
    }),
    close() {
      isClosing = true;
      for (const client of server.clients) client.close(GOING_AWAY, STOPPING);
      for (const socket of forwarded) socket.destroy();
    },
  };
};
