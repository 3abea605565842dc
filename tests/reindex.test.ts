/** `npm run reindex` that is stopped or killed. A proxy between the command and OpenSearch makes the moment exact. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { OBSERVABILITY_ALIAS } from "#contract/store/log-document.ts";
import { ROOT_DIR } from "../stack/lib/state-dir.ts";
import { startOperatorStack, toUserEvent as toEvent, type OperatorStack } from "./support/operator-stack.ts";

const INDEX = `logs-30d-${new Date().toISOString().slice(0, 10).replaceAll("-", ".")}`;
const COPY = `${INDEX}-r1`;
const LOGS = 20;

let stack: OperatorStack;
let proxy: Server;
/** Runs before a request is forwarded. Returns another path, or a status to respond with. */
let intercept: (request: string) => string | number | undefined;

const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = "", url = "" } = request;
  const instead = intercept(`${method} ${url}`);
  const body = Buffer.concat(await request.toArray());
  if (typeof instead === "number") return void response.writeHead(instead).end("{}");
  const forwarded = await fetch(new URL(instead ?? url, stack.opensearch.url), {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body.length === 0 ? {} : { body }),
  });
  response.writeHead(forwarded.status, { "Content-Type": "application/json" });
  response.end(await forwarded.text());
};

beforeAll(async () => {
  stack = await startOperatorStack();
  proxy = createServer((request, response) => void forward(request, response));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
});
afterAll(async () => {
  proxy?.close();
  await stack?.[Symbol.asyncDispose]();
});

const query = <T = unknown>(path: string, body?: object, method?: string): Promise<T> =>
  stack.query<T>(path, body, method);

const send = async (count: number): Promise<unknown> =>
  await stack.post(
    "shop",
    stack.shop.key,
    Array.from({ length: count }, () => toEvent("u-1", Date.now())),
  );

const count = async (index: string): Promise<number> => {
  await query(`/${index}/_refresh`, {});
  return (await query<{ count: number }>(`/${index}/_count`, {})).count;
};

const listCopies = async (): Promise<readonly string[]> =>
  Object.keys(await query<object>("/logs-*/_alias?expand_wildcards=all", undefined, "GET"));

beforeEach(async () => {
  await query("/logs-*?expand_wildcards=all", undefined, "DELETE");
  await send(LOGS);
});

const start = () =>
  execa(process.execPath, [join(ROOT_DIR, "stack/commands/reindex.ts"), INDEX], {
    env: { ...stack.toEnv(), OPENSEARCH_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    reject: false,
    all: true,
  });

/** Sends a signal to the command when it requests the first or second copy. The copy then takes a minute in OpenSearch. */
const interrupt = async (signal: NodeJS.Signals, copy: number) => {
  let copies = 0;
  intercept = (request) => {
    if (!request.startsWith("POST /_reindex")) return undefined;
    copies += 1;
    if (copies !== copy) return undefined;
    command.kill(signal);
    return `${request.slice("POST ".length)}&requests_per_second=0.3`;
  };
  const command = start();
  return await command;
};

it.each([
  ["SIGINT", 1],
  ["SIGTERM", 1],
  ["SIGINT", 2],
  ["SIGTERM", 2],
] as const)("removes the copy and allows writes after %s during copy %i", async (signal, copy) => {
  expect(await interrupt(signal, copy)).toMatchObject({
    exitCode: 130,
    all: expect.stringContaining("Interrupted. The index has not changed.") as string,
  });
  expect(await listCopies()).toEqual([INDEX]);
  expect(await send(1)).toMatchObject({ stored: 1 });
});

it.each([1, 2])("repairs the index if it was killed during copy %i and runs again", async (copy) => {
  expect(await interrupt("SIGKILL", copy)).toMatchObject({ signal: "SIGKILL" });
  expect((await listCopies()).toSorted()).toEqual([INDEX, COPY]);
  // Each log is found once.
  expect(await count(OBSERVABILITY_ALIAS)).toBe(LOGS);
  intercept = () => undefined;
  expect(await start()).toMatchObject({ exitCode: 0 });
  expect(await listCopies()).toEqual([COPY]);
  expect(await send(1)).toMatchObject({ stored: 1 });
  expect([await count(INDEX), await count(OBSERVABILITY_ALIAS)]).toEqual([LOGS + 1, LOGS + 1]);
});

it("keeps the copy if a request fails after it has replaced the index", async () => {
  intercept = (request) => (request === `PUT /${COPY}/_settings` ? 503 : undefined);
  expect(await start()).toMatchObject({ exitCode: 1 });
  expect(await count(INDEX)).toBe(LOGS);
  intercept = () => undefined;
  expect(await start()).toMatchObject({ exitCode: 0 });
  expect(await count("logs-*")).toBe(LOGS);
});

it("does not delete an index that has the name of the copy and is not hidden", async () => {
  await query(`/${COPY}/_doc/1`, { body: "a log" }, "PUT");
  intercept = () => undefined;
  expect(await start()).toMatchObject({ exitCode: 1 });
  expect(await count(COPY)).toBe(1);
});
