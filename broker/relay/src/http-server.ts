/**
 * `/healthz` for supervisors and `/metrics` for Prometheus. Bound to loopback unless told otherwise.
 */
import { createServer, type Server } from "node:http";
import type { Relay } from "./start-relay.ts";

/** A message held for longer means that something downstream is stuck; shown, and no reason to restart the relay. */
const STALLED_MS = 60_000;

const readHealth = (relay: Relay): { status: number; body: object } => {
  const levels = relay.levels();
  const isReady = relay.isReady();
  const isStalled = levels.oldestUnacknowledgedMs > STALLED_MS;
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? (isStalled ? "stalled" : "ok") : "disconnected", ...levels },
  };
};

export const startHttpServer = async (
  relay: Relay,
  { host, port }: { host: string; port: number },
): Promise<Server> => {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") {
      const { status, body } = readHealth(relay);
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    } else if (request.url === "/metrics") {
      const { registry } = relay.metrics;
      void registry.metrics().then((text) => {
        response.writeHead(200, { "Content-Type": registry.contentType }).end(text);
      });
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
};
