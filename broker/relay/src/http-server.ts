/**
 * Serves `/healthz` for supervisors and `/metrics` for Prometheus, by default on loopback only.
 */
import { createServer, type Server } from "node:http";
import type { Relay } from "./start-relay.ts";

/** A message held for longer means that the Worker or OpenSearch is stuck. Still 200: a restart would not help. */
const STALLED_MS = 60_000;

const toHealth = (relay: Relay): { status: number; body: object } => {
  const relayStatus = relay.readStatus();
  const isReady = relay.isReady();
  const isStalled = relayStatus.oldestUnacknowledgedMs > STALLED_MS;
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? (isStalled ? "stalled" : "ok") : "disconnected", ...relayStatus },
  };
};

/** Resolves when the server listens. Rejects if the address is in use. */
export const startHttpServer = async (
  relay: Relay,
  { host, port }: { host: string; port: number },
): Promise<Server> => {
  const server = createServer((request, response) => {
    if (request.url === "/healthz") {
      const { status, body } = toHealth(relay);
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
