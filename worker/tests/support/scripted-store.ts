/** An OpenSearch whose responses to bulk requests are set by a test, for the routes that accept logs over HTTP. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Hono, type MiddlewareHandler } from "hono";
import { FailureError } from "../../src/failure.ts";
import { toProblemResponse } from "../../src/http/problem.ts";

/** The entry of the app `shop` in KV. */
export const SHOP_RECORD = {
  keys: [{ generation: 1, hash: "0".repeat(64), brokerHash: "$7$1$a$b" }],
  retentionDays: 30,
  origins: ["*"],
  rate: "standard",
  disabled: false,
};

/** The arguments of a route after the request and before those of its path. */
export type RouteArguments = readonly [env: object, app: string, context: object];

export interface ScriptedStore {
  /** The status of each document of a bulk request, by its position. Default: 201. */
  statusOf: (position: number) => number;
  /** Number of documents that were created. */
  documents: number;
  /** The ids of all documents in bulk requests. */
  readonly ids: Set<string>;
  /** For the app `shop`, whose entry is in KV. */
  readonly args: RouteArguments;
  reset(): void;
  close(): void;
}

export const startScriptedStore = async (): Promise<ScriptedStore> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("Content-Type", "application/json");
      const text = Buffer.concat(chunks).toString();
      for (const [, id = ""] of text.matchAll(/"_id":"([^"]+)"/g)) store.ids.add(id);
      const items = text
        .split("\n")
        .filter((line) => line.startsWith('{"create"'))
        .map((_, i) => {
          const status = store.statusOf(i);
          if (status === 201) store.documents += 1;
          const type = status === 409 ? "version_conflict_engine_exception" : "unavailable_shards_exception";
          return { create: status === 201 ? { status } : { status, error: { type, reason: "scripted" } } };
        });
      const errors = items.some(({ create }) => create.status !== 201);
      response.end(JSON.stringify({ took: 1, errors, items, hits: { hits: [] } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    OPENSEARCH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    APPS: { get: (key: string) => Promise.resolve(key === "app:shop" ? SHOP_RECORD : null) },
  };
  const store: ScriptedStore = {
    statusOf: () => 201,
    documents: 0,
    ids: new Set(),
    args: [env, "shop", { waitUntil: () => undefined }],
    reset() {
      store.statusOf = () => 201;
      store.documents = 0;
      store.ids.clear();
    },
    close: () => void server.close(),
  };
  return store;
};

/** An application that converts errors as the Worker does. `errors` converts the problems of a path. */
export const createRouteApp = (path: string, errors: MiddlewareHandler): Hono => {
  const app = new Hono();
  app.use(path, errors);
  app.onError((error) => toProblemResponse(error instanceof FailureError ? error.failure : { kind: "internal" }));
  return app;
};
