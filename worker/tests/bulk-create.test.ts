import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  openBulk,
  SILENT_INDEX_MS,
  SLOW_REQUEST_MS,
  type BulkFailure,
  type NewDocument,
} from "../src/opensearch/bulk-create.ts";
import type { StoreClient, StoreResponse } from "../src/opensearch/client.ts";

const makeDocument = (index: string, id: string, bytes = 10): NewDocument => {
  const source = `{"a":"${"x".repeat(bytes - 8)}"}`;
  return { index, id, source, bytes };
};

interface Sent {
  readonly path: string;
  /** Index and id of each document. */
  readonly documents: readonly (readonly [index: string, id: string])[];
  readonly bytes: number;
}

type Respond = (indices: readonly string[], signal: AbortSignal) => Promise<StoreResponse> | undefined;

/** A store that creates all documents, unless `respond` returns another response. */
const createStore = (respond: Respond = () => undefined) => {
  const sent: Sent[] = [];
  const failures: BulkFailure[] = [];
  let running = 0;
  let maxRunning = 0;
  const unused = (): Promise<never> => Promise.reject(new Error("not used"));
  const client: StoreClient = {
    request: unused,
    requestWithin: unused,
    postLines: async (path, lines, signal) => {
      const actions = lines
        .toString()
        .split("\n")
        .flatMap((line) => (line.startsWith('{"create"') ? [JSON.parse(line).create] : []));
      const documents = actions.map(({ _index, _id }) => [_index, _id] as const);
      sent.push({ path, documents, bytes: lines.byteLength });
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      const created = { status: 200, body: { items: documents.map(() => ({ create: { status: 201 } })) } };
      const response = respond(
        documents.map(([index]) => index),
        signal,
      );
      try {
        return await (response ?? Promise.resolve(created));
      } finally {
        running -= 1;
      }
    },
  };
  const send = async (documents: readonly NewDocument[]): Promise<readonly string[]> => {
    const bulk = openBulk(client, (failure) => failures.push(failure));
    for (const document of documents) bulk.add(document);
    return (await bulk.send()).map(({ state }) => state);
  };
  return { send, sent, failures, maxRunning: () => maxRunning };
};

/** Responds when the request is aborted, and never before. */
const hang = (signal: AbortSignal): Promise<StoreResponse> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

describe("a bulk", () => {
  it("sends one request for each index, and returns outcomes in the order of the documents", async () => {
    const { send, sent } = createStore((indices) =>
      indices[0] === "b" ? Promise.resolve({ status: 200, body: { items: [{ create: { status: 409 } }] } }) : undefined,
    );
    const documents = [makeDocument("a", "1"), makeDocument("b", "2"), makeDocument("a", "3")];
    expect(await send(documents)).toEqual(["created", "duplicate", "created"]);
    expect(sent.map((request) => request.documents)).toEqual([
      [
        ["a", "1"],
        ["a", "3"],
      ],
      [["b", "2"]],
    ]);
    for (const { path } of sent) expect(path).toContain("timeout=2s");
  });

  it("sends requests of at most 4 MiB", async () => {
    const { send, sent } = createStore();
    const documents = Array.from({ length: 9 }, (_, i) => makeDocument("a", String(i), 1_000_000));
    expect(await send(documents)).toEqual(documents.map(() => "created"));
    expect(sent).toHaveLength(3);
    for (const { bytes } of sent) expect(bytes).toBeLessThan(4_194_304 + 10_000);
    expect(sent.flatMap((request) => request.documents.map(([, id]) => id))).toEqual(documents.map(({ id }) => id));
  });

  it("sends few requests for events of many days", async () => {
    const { send, sent, maxRunning } = createStore();
    const documents = Array.from({ length: 365 }, (_, i) => makeDocument(`logs-365d-${i}`, String(i)));
    expect(await send(documents)).toEqual(documents.map(() => "created"));
    expect(sent).toHaveLength(17);
    expect(maxRunning()).toBeLessThanOrEqual(6);
  });

  it("reports the index and the error of documents that are not stored", async () => {
    const items = [{ create: { status: 503, error: { type: "unavailable_shards_exception", reason: "secret" } } }];
    const { send, failures } = createStore(() => Promise.resolve({ status: 200, body: { items } }));
    expect(await send([makeDocument("a", "1")])).toEqual(["unknown"]);
    expect(failures).toEqual([
      { kind: "unknown_outcomes", count: 1, cause: "unavailable_shards_exception", index: "a" },
    ]);
  });
});

describe("an index without a response", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("makes only its own outcomes unknown, two seconds after the last response of another", async () => {
    const { send, failures } = createStore((indices, signal) => (indices[0] === "red" ? hang(signal) : undefined));
    const sending = send([makeDocument("red", "1"), makeDocument("a", "2"), makeDocument("b", "3")]);
    const done = vi.fn<() => void>();
    void sending.then(done);
    await vi.advanceTimersByTimeAsync(SILENT_INDEX_MS - 1);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await sending).toEqual(["unknown", "created", "created"]);
    expect(failures).toMatchObject([{ kind: "no_response", index: "red" }]);
  });

  it("that has responded to another request has ten seconds, because OpenSearch may be busy", async () => {
    let requests = 0;
    const { send } = createStore((_, signal) => {
      requests += 1;
      return requests === 2 ? hang(signal) : undefined;
    });
    const sending = send([makeDocument("a", "1", 4_000_000), makeDocument("a", "2", 4_000_000)]);
    const done = vi.fn<() => void>();
    void sending.then(done);
    await vi.advanceTimersByTimeAsync(SLOW_REQUEST_MS - 1);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await sending).toEqual(["created", "unknown"]);
  });

  it("is waited for until the client's timeout if it is the only one", async () => {
    const { send } = createStore(
      () =>
        new Promise((resolve) => {
          setTimeout(() => resolve({ status: 200, body: { items: [{ create: { status: 201 } }] } }), 19_000);
        }),
    );
    const sending = send([makeDocument("slow", "1")]);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(await sending).toEqual(["created"]);
  });
});
