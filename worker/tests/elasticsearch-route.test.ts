/**
 * The responses to bulk requests, with a scripted OpenSearch.
 */
import type { MiddlewareHandler } from "hono";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import {
  createRouteApp,
  startScriptedStore,
  type RouteArguments,
  type ScriptedStore,
} from "./support/scripted-store.ts";

interface Routes {
  readonly elasticsearchErrors: MiddlewareHandler;
  readonly postBulk: (request: Request, ...args: [...RouteArguments, index?: string]) => Promise<Response>;
  readonly postDocument: (
    request: Request,
    ...args: [...RouteArguments, target: { readonly index: string; readonly id: string | undefined }]
  ) => Promise<Response>;
}

// Not a static import: tests are checked with the types of Node.js, the routes with those of workerd.
const { elasticsearchErrors, postBulk, postDocument } = (await import(
  new URL("../src/routes/elasticsearch.ts", import.meta.url).href
)) as Routes;

let store: ScriptedStore;
beforeAll(async () => {
  store = await startScriptedStore();
});
afterAll(() => store?.close());
beforeEach(() => store.reset());
afterEach(() => void vi.restoreAllMocks());

const send = async (path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> => {
  const app = createRouteApp("*", elasticsearchErrors);
  app.post("/_bulk", (c) => postBulk(c.req.raw, ...store.args));
  app.post("/:index/_doc", (c) => postDocument(c.req.raw, ...store.args, { index: "app", id: undefined }));
  return await app.request(path, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/x-ndjson", ...headers },
  });
};

const toBulk = (count: number): string =>
  Array.from({ length: count }, (_, n) => `{"index":{"_index":"app"}}\n{"message":"event ${n}","level":"info"}\n`).join(
    "",
  );

interface BulkResponse {
  readonly errors: boolean;
  readonly items: readonly Readonly<Record<string, { readonly status: number; readonly error?: object }>>[];
}

const readStatuses = async (response: Response): Promise<readonly (readonly [string, number])[]> => {
  const { items } = (await response.json()) as BulkResponse;
  return items.flatMap((item) => Object.entries(item).map(([name, { status }]) => [name, status] as const));
};

it("stores more actions than one payload may have", async () => {
  const response = await send("/_bulk", toBulk(2_500));
  const body = (await response.clone().json()) as BulkResponse;
  expect([response.status, body.errors, body.items.length, store.documents]).toEqual([200, false, 2_500, 2_500]);
  expect(response.headers.get("X-Elastic-Product")).toBe("Elasticsearch");
  expect(new Set((await readStatuses(response)).flat())).toEqual(new Set(["index", 201]));
});

it("stores more actions than one request to OpenSearch may have", async () => {
  const response = await send("/_bulk", toBulk(13_000));
  expect(new Set((await readStatuses(response)).flat())).toEqual(new Set(["index", 201]));
  expect(store.documents).toBe(13_000);
});

it("gives equal documents of one request different ids, and the same ids again", async () => {
  const body = `{"index":{"_index":"app"}}\n{"@timestamp":"${new Date().toISOString()}","message":"retry"}\n`.repeat(
    2_000,
  );
  await send("/_bulk", body);
  expect(store.ids.size).toBe(2_000);
  await send("/_bulk", body);
  expect(store.ids.size).toBe(2_000);
});

it.each(['"id":"boot"', '"time":null', '"time":"soon"'])(
  "stores the same document again if its id or time cannot be used: %s",
  async (member) => {
    const body = `{"index":{}}\n{"body":"started",${member}}\n`;
    await send("/_bulk", body);
    await send("/_bulk", body);
    expect(store.ids.size).toBe(2);
  },
);

it("has the outcome of each action", async () => {
  store.statusOf = (position) => [201, 409, 503][position] ?? 201;
  const body = `${toBulk(3)}{"delete":{"_id":"7"}}\n{"create":{}}\n{"a":\n`;
  const response = await send("/_bulk", body);
  expect(response.status).toBe(200);
  expect(((await response.clone().json()) as BulkResponse).errors).toBe(true);
  expect(await readStatuses(response)).toEqual([
    ["index", 201],
    ["index", 200],
    ["index", 429],
    ["delete", 400],
    ["create", 400],
  ]);
});

it.each(["Fluent-Bit", "syslog-ng 4.8.0/libcurl 7.88.1", "Vector/0.50.0 (x86_64-unknown-linux-gnu)"])(
  "asks %s to repeat the whole request if a document is not stored yet",
  async (userAgent) => {
    const headers = { "User-Agent": userAgent };
    const time = new Date().toISOString();
    const body = [0, 1, 2]
      .map((n) => `{"index":{"_index":"app"}}\n{"@timestamp":"${time}","message":"${n}"}\n`)
      .join("");
    store.statusOf = (position) => [201, 503][position] ?? 201;
    const first = await send("/_bulk", body, headers);
    expect([first.status, first.headers.get("Retry-After"), store.documents]).toEqual([503, "5", 2]);
    expect(await first.json()).toMatchObject({ status: 503, error: { reason: expect.stringContaining("again") } });

    store.statusOf = (position) => [409, 201][position] ?? 409;
    const second = await send("/_bulk", body, headers);
    expect([second.status, store.documents, store.ids.size]).toEqual([200, 3, 3]);
    expect((await readStatuses(second)).map(([, status]) => status)).toEqual([200, 201, 200]);
  },
);

it("answers the same senders with one result for each document if those that are not stored are rejected", async () => {
  const response = await send("/_bulk", `${toBulk(1)}{"delete":{"_id":"7"}}\n`, { "User-Agent": "Fluent-Bit" });
  expect([response.status, await readStatuses(response)]).toEqual([
    200,
    [
      ["index", 201],
      ["delete", 400],
    ],
  ]);
});

it("uses 503 for a sender that discards the documents of requests with 429", async () => {
  store.statusOf = () => 503;
  const response = await send("/app/_doc", '{"message":"one"}', { "User-Agent": "syslog-ng 4.8.0" });
  expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
});

/** Replaces the delay of responses, which `onDelay` ends. Other timers are shorter or longer. */
const replaceDelay = (onDelay: (end: () => void) => void): void => {
  const start = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation((...timer: Parameters<typeof start>) => {
    const [callback, ms = 0] = timer;
    if (ms <= 5_000 || ms > 8_000) return start(...timer);
    onDelay(callback);
    return start(() => undefined);
  });
};

it.each([
  ["no document is stored", [503, 503], 1],
  ["a document is stored", [201, 503], 0],
] as const)("delays the response only if nothing is stored: %s", async (_, statuses, expected) => {
  let delays = 0;
  replaceDelay((end) => {
    delays += 1;
    end();
  });
  store.statusOf = (position) => statuses[position] ?? 201;
  const response = await send("/_bulk", toBulk(2));
  expect([response.status, delays]).toEqual([200, expected]);
  await send("/_bulk", toBulk(2), { "User-Agent": "Fluent-Bit" });
  expect(delays).toBe(2 * expected);
});

it("delays no response if those of the app that wait would need more than 1 MiB", async () => {
  const delayed: (() => void)[] = [];
  replaceDelay((end) => delayed.push(end));
  store.statusOf = () => 503;
  const body = toBulk(4_000);
  const sizes: number[] = [];
  const sendAll = (count: number): readonly Promise<unknown>[] =>
    Array.from({ length: count }, async () => {
      const response = await send("/_bulk", body, { "Content-Length": String(body.length) });
      sizes.push((await response.text()).length);
    });
  const requests = sendAll(3);
  await vi.waitFor(() => expect([sizes.length, delayed.length]).toEqual([2, 1]), { timeout: 20_000 });
  for (const end of delayed) end();
  await Promise.all(requests);
  expect(Math.min(...sizes)).toBeGreaterThan(524_288);

  const [next] = sendAll(1);
  await vi.waitFor(() => expect(delayed).toHaveLength(2), { timeout: 20_000 });
  delayed[1]?.();
  await next;
});

it("names the reason of a rejection", async () => {
  const { items } = (await (await send("/_bulk", '{"delete":{"_id":"7","_index":"app"}}\n')).json()) as BulkResponse;
  expect(items).toEqual([
    {
      delete: {
        _index: "app",
        _id: "7",
        status: 400,
        error: {
          type: "illegal_argument_exception",
          reason: expect.stringMatching(/^unknown_shape: Logs are not changed/),
        },
      },
    },
  ]);
});

it.each([
  ["text", "not a bulk request", 400, 1],
  ["an empty body", "", 400, 0],
  ["a body that is too large", " ".repeat(4_194_305), 413, 0],
])("refuses %s", async (_name, body, status, stored) => {
  const response = await send("/_bulk", body);
  expect([response.status, store.documents]).toEqual([status, stored]);
  expect(await response.json()).toMatchObject({
    status,
    error: { type: expect.any(String), reason: expect.any(String) },
  });
});

it("refuses an unsupported encoding in Elasticsearch's form", async () => {
  const response = await send("/_bulk", toBulk(1), { "Content-Encoding": "br" });
  expect([response.status, response.headers.get("X-Elastic-Product")]).toEqual([415, "Elasticsearch"]);
  expect(await response.json()).toMatchObject({ status: 415, error: { root_cause: [{}] } });
});

it.each([
  ["a document", 201, '{\n  "message": "one"\n}', 201],
  ["a document that was stored before", 409, '{"message":"one"}', 200],
  ["a document that cannot be stored now", 503, '{"message":"one"}', 429],
  ["text", 201, "not JSON", 400],
])("answers %s", async (_name, outcome, body, status) => {
  store.statusOf = (position) => [outcome][position] ?? 201;
  const response = await send("/app/_doc", body);
  expect(response.status).toBe(status);
  expect(response.headers.get("Retry-After")).toBe(status === 429 ? "5" : null);
});
