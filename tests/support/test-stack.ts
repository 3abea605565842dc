/**
 * The whole line for one test file: real OpenSearch, Mosquitto, relay and workerd, on free ports, in a state directory of
 * its own. What the tests believe of stored logs they request OpenSearch itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackOptions } from "../../stack/lib/stack-options.ts";
import { startStack, type Stack } from "../../stack/stack.ts";

export interface Hit {
  readonly _id: string;
  readonly _index: string;
  readonly _source: Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- documents under test
}

interface Answer {
  readonly hits?: { readonly hits: readonly Hit[] };
  readonly count?: number;
}

export interface TestStack extends AsyncDisposable {
  readonly stack: Stack;
  /** Documents that match; what was stored before the call is searchable. */
  search(indices: string, query: object, size?: number): Promise<readonly Hit[]>;
  count(indices: string, query: object): Promise<number>;
  /** Asks again until `isDone`, and fails with what was seen last. */
  waitFor<T>(what: string, read: () => Promise<T>, isDone: (value: T) => boolean, timeoutMs?: number): Promise<T>;
  /** `POST /logs` as the demo app. */
  postLogs(body: string | Uint8Array | object, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export const startTestStack = async (options: Partial<StackOptions> = {}): Promise<TestStack> => {
  const home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-line-"));
  const stack = await startStack({ home, ports: "ephemeral", ...options });
  const { file } = stack;

  const request = async (path: string, body?: object): Promise<Answer> => {
    const response = await fetch(new URL(path, file.opensearch), {
      method: "POST",
      ...(body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answer;
  };
  const refresh = (indices: string): Promise<unknown> => request(`/${indices}/_refresh?ignore_unavailable=true`);

  return {
    stack,
    async search(indices, query, size = 100) {
      await refresh(indices);
      const answer = await request(`/${indices}/_search?ignore_unavailable=true`, { size, query });
      return answer.hits?.hits ?? [];
    },
    async count(indices, query) {
      await refresh(indices);
      return (await request(`/${indices}/_count?ignore_unavailable=true`, { query })).count ?? 0;
    },
    async waitFor(what, read, isDone, timeoutMs = 30_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const value = await read();
        if (isDone(value)) return value;
        if (Date.now() > deadline)
          throw new Error(`Waited ${timeoutMs} ms for ${what}; last seen: ${JSON.stringify(value)}`);
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
      await rm(home, { recursive: true, force: true });
    },
  };
};
