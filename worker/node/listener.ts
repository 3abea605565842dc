/**
 * One HTTP listener, with or without TLS: requests and WebSocket upgrades go to the same routes.
 */
import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Upgrade } from "./sockets.ts";
import type { TlsFiles } from "./tls-files.ts";

/** Longer than the Worker waits for a body. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REFUSAL_TIMEOUT_MS = 10_000;
/** Longer than the idle timeout of usual reverse proxies, which must be the ones to close a connection. */
const KEEP_ALIVE_MS = 75_000;

export interface Listener {
  readonly port: number;
  readonly replaceTls: (files: TlsFiles) => void;
  /** Accepts no more connections. Resolves when all requests in progress have been answered. */
  readonly stop: () => Promise<void>;
  /** Ends all connections. */
  readonly destroy: () => void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  /** Default: no TLS. */
  readonly tls?: TlsFiles;
  readonly onRequest: RequestListener;
  readonly onUpgrade: (upgrade: Upgrade) => void;
  /** A connection could not be accepted, for example because the process has too many open files. Others are not affected. */
  readonly onError: (error: Error) => void;
  /** A connection was closed at once, because there are already `maxConnections`. */
  readonly onDrop: () => void;
}

const IDLE_POLL_MS = 100;

/** Other upgrades, such as HTTP/2 without TLS, are optional for the client: the request is answered in HTTP/1.1. */
const isWebSocketUpgrade = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === "websocket";

/** Sends a response instead of an upgrade, and closes the connection. */
export const refuseUpgrade = async ({ incoming, socket }: Upgrade, response: Response): Promise<void> => {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  const connection = socket as IncomingMessage["socket"];
  outgoing.assignSocket(connection);
  // `end` would leave the socket open: nothing reads what the client has sent meanwhile, and so not its end either.
  outgoing.once("finish", () => connection.destroySoon());
  // No timeout of the server applies to an upgraded connection, and the client may not read the response.
  connection.setTimeout(REFUSAL_TIMEOUT_MS, () => connection.destroy());
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
};

/** Resolves when the listener accepts connections. Rejects if the address is in use. */
export const startListener = async (options: ListenerOptions): Promise<Listener> => {
  const settings = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
    shouldUpgradeCallback: isWebSocketUpgrade,
  };
  const { tls } = options;
  const server: Server | TlsServer =
    tls === undefined ? createServer(settings) : createTlsServer({ ...settings, cert: tls.cert, key: tls.key });
  server.maxConnections = options.maxConnections;
  let isStopping = false;
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse & { req: IncomingMessage }) => {
    if (isStopping) outgoing.shouldKeepAlive = false;
    options.onRequest(incoming, outgoing);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Upgrade["socket"], head: Buffer) => {
    // Without a listener an error would end the process.
    socket.on("error", () => undefined);
    options.onUpgrade({ incoming, socket, head });
  });
  server.on("drop", options.onDrop);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", reject);
      // Without a listener an error would end the process.
      server.on("error", options.onError);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    replaceTls: ({ cert, key }) => {
      if ("setSecureContext" in server) server.setSecureContext({ cert, key });
    },
    stop: () =>
      new Promise((resolve) => {
        isStopping = true;
        const closeIdle = setInterval(() => server.closeIdleConnections(), IDLE_POLL_MS);
        server.close(() => {
          clearInterval(closeIdle);
          resolve();
        });
        server.closeIdleConnections();
      }),
    destroy: () => server.closeAllConnections(),
  };
};
