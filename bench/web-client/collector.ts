/**
 * A server that accepts the requests of all clients: it responds with a receipt to edgelog, and with 200 to the others. It
 * counts the received bytes, including request heads and preflights, and the logs in them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { toReceipt } from "./receipt.ts";

const unzip = promisify(gunzip);

export interface Traffic {
  readonly bytes: number;
  readonly requests: number;
}

export interface Collector extends AsyncDisposable {
  readonly endpoint: string;
  readonly traffic: Traffic;
  /** Received request bodies. */
  readonly bodies: string[];
}

const allow = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("access-control-allow-origin", headers.origin ?? "*");
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-methods", "POST");
  response.setHeader("access-control-allow-headers", headers["access-control-request-headers"] ?? "*");
  response.setHeader("access-control-max-age", "600");
};

export const startCollector = async (): Promise<Collector> => {
  const sockets = new Set<Socket>();
  const bodies: string[] = [];
  let requests = 0;
  let closedBytes = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    allow(request, response);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.method !== "POST") {
      response.end();
      return;
    }
    requests += 1;
    const raw = Buffer.concat(parts);
    const text = (request.headers["content-encoding"] === "gzip" ? await unzip(raw) : raw).toString();
    bodies.push(text);
    response.setHeader("content-type", "application/json");
    response.end(request.url?.startsWith("/logs") ? toReceipt(text) : "{}");
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      closedBytes += socket.bytesRead;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    get traffic() {
      return { requests, bytes: [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, closedBytes) };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
