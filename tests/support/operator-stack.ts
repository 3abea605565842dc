/** OpenSearch and one Worker with the apps `shop` and `blog`, for tests of the commands of an operator. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { v7 as uuidv7 } from "uuid";
import { appEntry } from "#contract/store/app-record.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { makeHome } from "./make-home.ts";
import { setUpOpenSearch } from "../../opensearch/setup.ts";
import { seedWith } from "../../stack/apps/demo.ts";
import { openLocalKv } from "../../stack/apps/kv.ts";
import { createRecord, type AppSettings, type KeyChange } from "../../stack/apps/records.ts";
import { prepareHome, ROOT_DIR } from "../../stack/lib/state-dir.ts";
import { useExternalOpenSearch } from "../../stack/services/external-opensearch.ts";
import { startOpenSearch, type OpenSearch } from "../../stack/services/opensearch.ts";
import { startWorker, type Worker } from "../../stack/services/worker.ts";
import { leaseOpenSearch } from "./opensearch/lease.ts";
import { queryOpenSearch } from "./query-opensearch.ts";
import { createReader } from "./readers.ts";

const SETTINGS: AppSettings = { retentionDays: 30, origins: [], rate: "unlimited" };

export interface OperatorStack extends AsyncDisposable {
  readonly home: string;
  readonly worker: Worker;
  readonly shop: KeyChange;
  readonly blog: KeyChange;
  /** Reader token that may only read `shop`. */
  readonly token: string;
  /** A test that starts OpenSearch again replaces it. */
  opensearch: OpenSearch;
  /** The environment of commands. */
  toEnv(): Record<string, string>;
  query<T = unknown>(path: string, body?: object, method?: string): Promise<T>;
  /** `POST /logs` with a batch. */
  post(app: string, key: string, events: readonly object[]): Promise<Receipt>;
  /** Runs a file of stack/commands, and returns its output. Rejects if it fails. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  runWithInput(input: string, command: string, ...args: readonly string[]): Promise<string>;
}

/** An event of a user, with an id. */
export const toUserEvent = (user: string, time: number, more: object = {}): object => ({
  id: uuidv7(),
  time: new Date(time).toISOString(),
  severity: "info",
  body: `opened by ${user}`,
  attributes: { "user.id": user },
  ...more,
});

export interface OperatorStackOptions {
  /** Starts OpenSearch in the state directory, for tests that stop it or need its files. Default: leases one from the pool. */
  readonly ownOpenSearch?: boolean;
}

export const startOperatorStack = async ({
  ownOpenSearch = false,
}: OperatorStackOptions = {}): Promise<OperatorStack> => {
  const home = await makeHome("edgelog-operate");
  await prepareHome(home);
  const [shop, blog] = [createRecord(SETTINGS), createRecord(SETTINGS)];
  let token: string;
  {
    await using kv = await openLocalKv(home);
    await seedWith(home, kv, { [appEntry("shop")]: shop.record, [appEntry("blog")]: blog.record });
    token = await createReader(kv, { apps: ["shop"] });
  }
  const lease = ownOpenSearch ? undefined : await leaseOpenSearch();
  const opensearch = lease === undefined ? await startOpenSearch({ home }) : await useExternalOpenSearch(lease.url);
  await setUpOpenSearch(opensearch.url);
  const worker = await startWorker({ home, opensearchUrl: opensearch.url });
  const stack: OperatorStack = {
    home,
    worker,
    shop,
    blog,
    token,
    opensearch,
    toEnv: () => ({ EDGELOG_HOME: home, OPENSEARCH_URL: stack.opensearch.url, EDGELOG_WORKER_URL: worker.url }),
    query: (path, body, method) => queryOpenSearch(stack.opensearch.url, path, body, method),
    async post(app, key, events) {
      const response = await fetch(new URL("/logs", worker.url), {
        method: "POST",
        headers: { Authorization: `Bearer ${app}:${key}` },
        body: JSON.stringify({ v: 1, id: uuidv7(), events }),
      });
      return (await response.json()) as Receipt;
    },
    run: (command, ...args) => stack.runWithInput("", command, ...args),
    async runWithInput(input, command, ...args) {
      const path = join(ROOT_DIR, "stack/commands", command);
      return (await execa(process.execPath, [path, ...args], { env: stack.toEnv(), input })).stdout;
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await stack.opensearch.stop();
      await lease?.[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
  return stack;
};
