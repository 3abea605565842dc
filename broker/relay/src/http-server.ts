/**
 * Serves `/healthz` for supervisors, `/metrics` for Prometheus and `/sessions/{user}` for the registry of apps, by default
 * on loopback only.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import { toHealth } from "./health.ts";
import type { Relay } from "./start-relay.ts";

const SESSION_PATH = /^\/sessions\/([\w.-]+)$/;

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
};

const sendHealth = (relay: Relay, response: ServerResponse): void => {
  const relayStatus = relay.readStatus();
  const health = toHealth(relayStatus, Date.now());
  sendJson(response, health.status === "disconnected" ? 503 : 200, { ...health, ...relayStatus });
};

/** 200: the broker queues every message of this user for the relay. 503: not yet. 404: the user is not in the users file. */
const sendSession = (relay: Relay, user: string, response: ServerResponse): void => {
  const isSubscribed = relay.isSubscribed(user);
  const status = isSubscribed === undefined ? 404 : isSubscribed ? 200 : 503;
  sendJson(response, status, { user, isSubscribed: isSubscribed === true });
};

/** Resolves when the server listens. Rejects if the address is in use. */
export const listen = async ({ host, port }: { host: string; port: number }): Promise<Server> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
};

/** Call it directly after {@link listen}: a request that arrives earlier gets no response. */
export const serveRelay = (server: Server, relay: Relay): void => {
  server.on("request", (request, response) => {
    const user = SESSION_PATH.exec(request.url ?? "")?.[1];
    if (user !== undefined) sendSession(relay, user, response);
    else if (request.url === "/healthz") sendHealth(relay, response);
    else if (request.url === "/metrics") {
      const { registry } = relay.metrics;
      void registry.metrics().then((text) => {
        response.writeHead(200, { "Content-Type": registry.contentType }).end(text);
      });
    } else {
      response.writeHead(404).end();
    }
  });
};
