import { beforeEach, expect, it, vi } from "vitest";
import { limitReads } from "../src/read/limited-reads.ts";
import type { StoreClient, StoreResponse } from "../src/opensearch/client.ts";

const RESPONSE: StoreResponse = { status: 200, body: {} };

/** The searches that were sent to the store. */
let sent: PromiseWithResolvers<StoreResponse>[];
/** The work that the runtime finishes after the client has disconnected. */
let works: Promise<unknown>[];
beforeEach(() => {
  sent = [];
  works = [];
});

/** Starts searches of one reader, who has three turns. */
const startSearches = (count: number, signal: AbortSignal): readonly Promise<StoreResponse>[] => {
  const request: StoreClient["request"] = () => {
    const response = Promise.withResolvers<StoreResponse>();
    sent.push(response);
    return response.promise;
  };
  const store = { request } as Partial<StoreClient> as StoreClient;
  const client = limitReads(store, { owner: "reader", waitUntil: (work) => works.push(work), signal });
  return Array.from({ length: count }, () => client.request("GET", "/logs/_search"));
};

const respond = (): void => {
  for (const { resolve } of sent) resolve(RESPONSE);
};

it("a search is handed to the runtime, so that its turn also ends after its client has disconnected", async () => {
  const { signal } = new AbortController();
  const searches = startSearches(4, signal);
  expect(works).toHaveLength(4);
  await vi.waitFor(() => expect(sent).toHaveLength(3));
  respond();
  await Promise.all(works.slice(0, 3));
  respond();
  expect(await Promise.all(searches)).toHaveLength(4);
});

it("a search that waits for its turn is not sent after its client has disconnected", async () => {
  const client = new AbortController();
  const searches = startSearches(3, new AbortController().signal);
  const [cancelled] = startSearches(1, client.signal);
  const [next] = startSearches(1, new AbortController().signal);
  await vi.waitFor(() => expect(sent).toHaveLength(3));
  client.abort();
  respond();
  await expect(cancelled).rejects.toMatchObject({ failure: { kind: "overloaded" } });
  await vi.waitFor(() => expect(sent).toHaveLength(4));
  respond();
  expect(await Promise.all([...searches, next])).toHaveLength(4);
});
