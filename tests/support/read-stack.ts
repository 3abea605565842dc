/**
 * OpenSearch and the Worker in workerd, without broker and relay, with the given readers. Logs are planned by the Worker's
 * code and stored through the bulk API.
 */
import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { v7 as uuidv7 } from "uuid";
import { makeHome } from "./make-home.ts";
import { setUpOpenSearch } from "../../opensearch/setup.ts";
import { seedWith } from "../../stack/apps/demo.ts";
import { openLocalKv } from "../../stack/apps/kv.ts";
import { startWorker, type Worker } from "../../stack/services/worker.ts";
import { prepareHome } from "../../stack/lib/state-dir.ts";
import { leaseOpenSearch } from "./opensearch/lease.ts";
import { queryOpenSearch } from "./query-opensearch.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";

export interface ReadStackOptions {
  /** Records of the reader tokens, by a name for the test. */
  readonly readers: Readonly<Record<string, { readonly apps: readonly string[]; readonly [more: string]: unknown }>>;
  /** Additional entries of the KV namespace APPS. */
  readonly entries?: Readonly<Record<string, unknown>>;
  /** Additional variables of the Worker. */
  readonly env?: Readonly<Record<string, string>>;
  /** URL of an existing cluster, which is set up but not stopped. Default: an empty OpenSearch for this test file. */
  readonly opensearchUrl?: string | undefined;
}

export interface ReadStack extends AsyncDisposable {
  readonly opensearch: string;
  readonly worker: Worker;
  /** Reader tokens by name. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Sends a request to the Worker with the token of a reader, or without a token. */
  request(path: string, reader?: string, init?: RequestInit): Promise<Response>;
  /** Response body of a request; throws unless it succeeds. */
  read<T>(path: string, reader?: string): Promise<T>;
  /** Stores a payload of an app, received at `at`, and makes it searchable. */
  store(app: string, payload: object, at?: number): Promise<void>;
  /** Sends a request to OpenSearch. A string body is sent as NDJSON. */
  queryOpenSearch(path: string, body?: object | string, method?: string): Promise<unknown>;
}

export const startReadStack = async ({
  readers,
  entries: more = {},
  env = {},
  opensearchUrl,
}: ReadStackOptions): Promise<ReadStack> => {
  const home = await makeHome("edgelog-read");
  await prepareHome(home);
  const tokens = Object.fromEntries(Object.keys(readers).map((name) => [name, randomBytes(24).toString("hex")]));
  const hashOf = (name: string): string =>
    createHash("sha256")
      .update(tokens[name] ?? "")
      .digest("hex");
  const entries = {
    ...more,
    ...Object.fromEntries(Object.entries(readers).map(([name, record]) => [`reader:${hashOf(name)}`, record])),
  };
  const lease = opensearchUrl === undefined ? leaseOpenSearch() : undefined;
  {
    await using kv = await openLocalKv(home);
    await seedWith(home, kv, entries);
  }
  const opensearch = opensearchUrl ?? (await lease)?.url ?? "";
  await setUpOpenSearch(opensearch);
  const worker = await startWorker({ home, opensearchUrl: opensearch, env });

  const query: ReadStack["queryOpenSearch"] = (path, body, method) => queryOpenSearch(opensearch, path, body, method);
  let stored = 0;
  const request = (path: string, reader?: string, init: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, worker.url), {
      ...init,
      headers: {
        ...(reader === undefined ? {} : { Authorization: `Bearer ${tokens[reader] ?? reader}` }),
        ...(init.body === undefined ? {} : { "Content-Type": "application/json" }),
      },
    });

  return {
    opensearch,
    worker,
    tokens,
    request,
    queryOpenSearch: query,
    async read<T>(path: string, reader = "reader") {
      const response = await request(path, reader);
      const text = await response.text();
      if (!response.ok) throw new Error(`${path} responded with ${response.status}: ${text}`);
      return JSON.parse(text) as T;
    },
    async store(app, payload, at = Date.now()) {
      // As the stamps of a relay, stamps of the same millisecond are in the order of arrival.
      stored += 1;
      const bytes = new TextEncoder().encode(JSON.stringify(payload));
      const { events } = planDelivery(
        { stamp: uuidv7({ msecs: at, seq: stored }), transport: "http", app, payload: bytes },
        30,
      );
      const lines = events.map(
        ({ newDocument: { index, id, source } }) => `{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`,
      );
      const result = (await query("/_bulk?refresh=true", lines.join(""))) as { errors: boolean };
      if (result.errors) throw new Error(`OpenSearch rejected documents: ${JSON.stringify(result)}`);
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await (await lease)?.[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
};
