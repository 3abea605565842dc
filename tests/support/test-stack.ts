/**
 * A complete stack for one test file: Mosquitto, relay and workerd, on free ports, in a separate state directory, and an empty
 * OpenSearch. Tests verify stored logs with queries to OpenSearch, not through the Worker.
 */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { makeHome } from "./make-home.ts";
import type { StackOptions } from "../../stack/lib/stack-options.ts";
import { leaseOpenSearch } from "./opensearch/lease.ts";
import { startFaultyLink, type FaultyLink } from "./faulty-link.ts";
import { queryOpenSearch } from "./query-opensearch.ts";
import type { OpenSearch } from "../../stack/services/opensearch.ts";
import { startStack, type Stack } from "../../stack/stack.ts";

export interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- documents under test
}

interface SearchResponse {
  readonly hits?: { readonly hits: readonly Hit[] };
  readonly count?: number;
}

export interface TestStack extends AsyncDisposable, Pick<Stack, "file" | "services"> {
  readonly stack: Stack;
  /** The state directory. */
  readonly home: string;
  /** The connections of the Worker to OpenSearch. Throws without `hasStoreLink`. */
  readonly storeLink: Pick<FaultyLink, "setMode">;
  /** Matching documents, after a refresh of the indices. */
  search(indices: string, query: object, size?: number): Promise<readonly Hit[]>;
  count(indices: string, query: object): Promise<number>;
  /** Polls `read` until `isDone`. On timeout, throws with `description` and the last value. */
  waitFor<T>(
    description: string,
    read: () => Promise<T>,
    isDone: (value: T) => boolean,
    timeoutMs?: number,
  ): Promise<T>;
  /** `POST /logs` as the demo app. */
  postLogs(body: string | Uint8Array | object, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface TestStackOptions extends Partial<StackOptions> {
  /**
   * Starts OpenSearch as a service of the stack, for tests that stop or measure it. Default: false, which leases an empty one from
   * the pool.
   */
  readonly ownOpenSearch?: boolean;
  /** Lets the test cut the connections of the Worker to a leased OpenSearch. Default: false. */
  readonly hasStoreLink?: boolean;
}

/** A leased OpenSearch cannot be stopped. Fails, because the test would pass without the fault that it wants to show. */
const forbidStopping = (opensearch: OpenSearch): OpenSearch => {
  const forbid = (): never => {
    throw new Error("This OpenSearch is leased. A test that stops it needs startTestStack({ ownOpenSearch: true }).");
  };
  return { ...opensearch, kill: forbid, stop: forbid, start: forbid };
};

export const startTestStack = async ({
  ownOpenSearch = false,
  hasStoreLink = false,
  home: givenHome,
  ...options
}: TestStackOptions = {}): Promise<TestStack> => {
  const home = givenHome ?? (await makeHome("edgelog-stack"));
  const lease = ownOpenSearch ? undefined : leaseOpenSearch();
  const opensearchUrl = lease?.then(({ url }) => url);
  opensearchUrl?.catch(() => undefined); // startStack may fail before it waits for the node
  let link: FaultyLink | undefined;
  if (hasStoreLink && opensearchUrl !== undefined) {
    link = await startFaultyLink();
    link.targetPort = Number(new URL(await opensearchUrl).port);
  }
  const workerOptions = link === undefined ? {} : { workerOpensearchUrl: `http://127.0.0.1:${link.port}` };
  const release = async (): Promise<void> => {
    await link?.[Symbol.asyncDispose]();
    await (await lease)?.[Symbol.asyncDispose]();
  };
  const started = await startStack({ home, ports: "ephemeral", opensearchUrl, ...workerOptions, ...options }).catch(
    async (error: unknown) => {
      await release();
      throw error;
    },
  );
  const stack: Stack =
    lease === undefined
      ? started
      : {
          get file() {
            return started.file;
          },
          services: { ...started.services, opensearch: forbidStopping(started.services.opensearch) },
          stop: () => started.stop(),
          [Symbol.asyncDispose]: () => started.stop(),
        };
  const { file } = stack;

  const request = (path: string, body?: object): Promise<SearchResponse> =>
    queryOpenSearch(file.opensearch, path, body);
  const refresh = (indices: string): Promise<unknown> => request(`/${indices}/_refresh?ignore_unavailable=true`);

  return {
    stack,
    home,
    services: stack.services,
    get storeLink() {
      if (link === undefined) throw new Error("This stack has no link: use startTestStack({ hasStoreLink: true }).");
      return link;
    },
    get file() {
      return stack.file;
    },
    async search(indices, query, size = 100) {
      await refresh(indices);
      const response = await request(`/${indices}/_search?ignore_unavailable=true`, { size, query });
      return response.hits?.hits ?? [];
    },
    async count(indices, query) {
      await refresh(indices);
      return (await request(`/${indices}/_count?ignore_unavailable=true`, { query })).count ?? 0;
    },
    async waitFor(description, read, isDone, timeoutMs = 60_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const value = await read();
        if (isDone(value)) return value;
        if (Date.now() > deadline)
          throw new Error(`Waited ${timeoutMs} ms for ${description}; last value: ${JSON.stringify(value)}`);
        await sleep(100);
      }
    },
    postLogs: (body, headers = {}) =>
      fetch(new URL("/logs", file.worker), {
        method: "POST",
        body: typeof body === "string" ? body : body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
        headers: { Authorization: `Bearer ${file.app.id}:${file.app.key}`, ...headers },
      }),
    async [Symbol.asyncDispose]() {
      await stack.stop();
      await release();
      await rm(home, { recursive: true, force: true });
    },
  };
};
