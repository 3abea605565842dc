/**
 * An application with all routes that accept logs over HTTP, for the app `shop`, without the check of the key, which needs workerd; and
 * an OpenSearch in this process.
 */
import { Hono, type MiddlewareHandler } from "hono";
import { FailureError } from "../../src/failure.ts";
import { toProblemResponse } from "../../src/http/problem.ts";
import { createIntakeApp } from "./intake-app.ts";
import { SHOP_RECORD, type RouteArguments } from "./scripted-store.ts";

interface Routes {
  readonly postLogs: (request: Request, ...args: RouteArguments) => Promise<Response>;
  readonly otlpErrors: MiddlewareHandler;
  readonly postOtlpLogs: (request: Request, ...args: RouteArguments) => Promise<Response>;
  readonly elasticsearchErrors: MiddlewareHandler;
  readonly postBulk: (
    request: Request,
    ...args: readonly [...RouteArguments, index: string | undefined]
  ) => Promise<Response>;
  readonly postDocument: (
    request: Request,
    ...args: readonly [...RouteArguments, target: { readonly index: string }]
  ) => Promise<Response>;
}

// Not static imports: tests are checked with the types of Node.js, the routes with those of workerd.
const load = async (name: string): Promise<object> =>
  (await import(new URL(`../../src/routes/${name}.ts`, import.meta.url).href)) as object;
const routes = { ...(await load("logs")), ...(await load("otlp-logs")), ...(await load("elasticsearch")) } as Routes;

/** A created document: its id, and its source as JSON. */
export interface CreatedDocument {
  readonly id: string;
  readonly source: string;
}

export interface LocalStore {
  readonly args: RouteArguments;
  /** All documents in bulk requests, also those with an id that was sent before. */
  readonly documents: CreatedDocument[];
}

const readBulk = (body: unknown): readonly CreatedDocument[] => {
  const text = typeof body === "string" ? body : Buffer.from((body ?? "") as Uint8Array).toString();
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const [, id = ""] = line.startsWith('{"create"') ? (/"_id":"([^"]+)"/.exec(line) ?? []) : [];
    return line.startsWith('{"create"') ? [{ id, source: lines[i + 1] ?? "" }] : [];
  });
};

export const createLocalStore = (): LocalStore => {
  const documents: CreatedDocument[] = [];
  const OPENSEARCH = {
    fetch: (_url: string, init: { readonly body?: unknown } = {}): Promise<Response> => {
      const created = readBulk(init.body);
      documents.push(...created);
      const items = created.map(() => ({ create: { status: 201 } }));
      const hits = { total: { value: 0, relation: "eq" }, hits: [] };
      return Promise.resolve(Response.json({ took: 1, errors: false, items, hits }));
    },
  };
  const APPS = { get: (key: string) => Promise.resolve(key === "app:shop" ? SHOP_RECORD : null) };
  const env = { OPENSEARCH_URL: "http://opensearch.invalid", OPENSEARCH, APPS };
  return { args: [env, "shop", { waitUntil: () => undefined }], documents };
};

export const createLogsApp = (args: RouteArguments): Hono => {
  const app = new Hono();
  app.use("/v1/logs", routes.otlpErrors);
  app.use("/_bulk", routes.elasticsearchErrors);
  app.use("/elasticsearch/*", routes.elasticsearchErrors);
  app.use("/shop/_doc", routes.elasticsearchErrors);
  app.post("/logs", (c) => routes.postLogs(c.req.raw, ...args));
  app.post("/v1/logs", (c) => routes.postOtlpLogs(c.req.raw, ...args));
  app.post("/_bulk", (c) => routes.postBulk(c.req.raw, ...args, "shop"));
  for (const path of ["/elasticsearch/_bulk", "/elasticsearch/:index/_bulk"]) {
    app.on(["POST", "PUT"], path, (c) => routes.postBulk(c.req.raw, ...args, c.req.param("index")));
  }
  app.post("/shop/_doc", (c) => routes.postDocument(c.req.raw, ...args, { index: "shop" }));
  app.route("/", createIntakeApp(args));
  app.onError((error) => toProblemResponse(error instanceof FailureError ? error.failure : { kind: "internal" }));
  return app;
};
