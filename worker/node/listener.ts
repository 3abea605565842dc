/**
 * One HTTP listener, with or without TLS: requests and WebSocket upgrades go to the same routes.
 */
import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WEBSOCKET_PATHS, type Upgrade } from "./sockets.ts";
import type { TlsFiles } from "./tls-files.ts";

/** Longer than the Worker waits for a body. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REFUSAL_TIMEOUT_MS = 10_000;
/** Longer than the idle timeout of usual reverse proxies, which must be the ones to close a connection. */
const KEEP_ALIVE_MS = 75_000;
/**
 * A client that has read nothing of a response during this time has disconnected, or wants to occupy memory. Node.js notices it at the
 * second check, so its connection is closed after up to twice this time.
 */
const STALLED_RESPONSE_MS = 30_000;
/**
 * Requests of one connection without a complete response. Browsers and reverse proxies send one after the other, and programs that
 * pipeline requests send a few.
 */
const MAX_PIPELINED_REQUESTS = 16;

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
  /** A connection was closed, because its client sent too many requests without reading the responses. */
  readonly onFlood: (peer: string) => void;
  /** See {@link STALLED_RESPONSE_MS}, the default. */
  readonly stalledResponseMs?: number;
}

const IDLE_POLL_MS = 100;

/** The path as the routes see it, without percent-encoding. */
const toPath = (url: string): string => {
  try {
    return decodeURI(new URL(url, "http://localhost").pathname);
  } catch {
    return url;
  }
};

/**
 * Other upgrades, such as HTTP/2 without TLS, and those of other paths are optional for the client: the request is answered in HTTP/1.1.
 * The response to a refused upgrade is in memory as a whole, which an export must not be.
 */
const isWebSocketUpgrade = ({ method, headers, url = "" }: IncomingMessage): boolean =>
  method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && WEBSOCKET_PATHS.includes(toPath(url));

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

/** Counts the requests of each connection without a complete response. */
const createPipelineLimit = () => {
  const counts = new WeakMap<Socket, number>();
  /** Returns whether the connection may have one more. */
  return (socket: Socket, outgoing: ServerResponse): boolean => {
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    outgoing.once("close", () => counts.set(socket, (counts.get(socket) ?? 1) - 1));
    return count <= MAX_PIPELINED_REQUESTS;
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
  server.timeout = options.stalledResponseMs ?? STALLED_RESPONSE_MS;
  const isWithinLimit = createPipelineLimit();
  const connections = trackConnections(server);
  let isStopping = false;
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse & { req: IncomingMessage }) => {
    const { socket } = incoming;
    // Node.js passes on all requests of one packet, also after the connection was closed.
    if (socket.destroyed) return;
    if (!isWithinLimit(socket, outgoing)) {
      options.onFlood(socket.remoteAddress ?? "");
      return void socket.destroy();
    }
    connections.use(outgoing, socket);
    // Without this listener Node.js would close also connections whose response is not ready yet.
    outgoing.on("timeout", () => {
      if (socket.writableLength > 0) socket.destroy();
    });
    if (isStopping) outgoing.shouldKeepAlive = false;
    options.onRequest(incoming, outgoing);
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Upgrade["socket"], head: Buffer) => {
    // Without a listener an error would end the process.
    socket.on("error", () => undefined);
    if (isStopping) return void socket.destroy();
    incoming.socket.setTimeout(0);
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
