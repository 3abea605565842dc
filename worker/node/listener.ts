/**
 * One HTTP listener, with or without TLS: requests and WebSocket upgrades go to the same routes.
 */
import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
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
  /**
   * Accepts no more connections, and closes those without a request. Resolves when all requests in progress have been answered, and
   * all upgraded connections are closed, which their owner does.
   */
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

/** Identifies a TCP connection. A TLS socket has the key of its connection. */
const toKey = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * The connections of a server. Node.js closes only those on which a request has been answered: a connection that has sent nothing, or
 * not all of its TLS handshake, would delay a stop.
 */
const trackConnections = (server: Server | TlsServer) => {
  const connections = new Map<string, Socket>();
  /** The connection of each request in progress, and of each upgrade. */
  const inUse = new Map<object, string>();
  const use = (user: ServerResponse | Upgrade["socket"], socket: Socket): void => {
    inUse.set(user, toKey(socket));
    user.once("close", () => inUse.delete(user));
  };
  server.on("connection", (socket: Socket) => {
    const key = toKey(socket);
    connections.set(key, socket);
    socket.once("close", () => connections.delete(key));
  });
  return {
    use,
    closeUnused: (): void => {
      const used = new Set(inUse.values());
      for (const [key, socket] of connections) if (!used.has(key)) socket.destroy();
    },
    closeAll: (): void => {
      for (const socket of connections.values()) socket.destroy();
    },
  };
};

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
  const connections = trackConnections(server);
  let isStopping = false;
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse & { req: IncomingMessage }) => {
    connections.use(outgoing, incoming.socket);
    if (isStopping) outgoing.shouldKeepAlive = false;
    options.onRequest(incoming, outgoing);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Upgrade["socket"], head: Buffer) => {
    // Without a listener an error would end the process.
    socket.on("error", () => undefined);
    if (isStopping) return void socket.destroy();
    connections.use(socket, incoming.socket);
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
        // Again and again, because the connections of requests in progress become unused.
        const timer = setInterval(connections.closeUnused, IDLE_POLL_MS);
        server.close(() => {
          clearInterval(timer);
          resolve();
        });
        connections.closeUnused();
      }),
    destroy: connections.closeAll,
  };
};
