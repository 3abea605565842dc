/** The memory of the Worker under concurrent requests at their limits, which must stay below that of a Cloudflare isolate. */
import { rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRelayFrame, relayResponseSchema, type RelayedMessage } from "#contract/relay/relay-frame.ts";
import { MAX_BATCH_EVENTS, MAX_PAYLOAD_DOCUMENT_BYTES } from "#contract/wire/limits.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { fetchUntilAccepted, type Accepted } from "./support/fetch-until-accepted.ts";
import { makeHome } from "./support/make-home.ts";
import { watchHeap } from "./support/heap-watch.ts";
import { startWorker, type Worker } from "../stack/services/worker.ts";
import { DEMO_APP } from "../stack/lib/secrets.ts";
import { startBulkStore, type BulkStore } from "./support/bulk-store.ts";

/** Maximum size of the heap. An isolate has 128 MB, of which the runtime and reads need a part. */
const MAX_HEAP_MIB = 96;

const RELAY_REQUESTS = 3;
const BATCHES_PER_RELAY_REQUEST = 10;
const POSTS = 20;

/** Time for all requests, with their retries. */
const DEADLINE_MS = 120_000;

/** A slow store keeps documents in the Worker's memory for longer. */
const STORE_DELAY_MS = 300;

let store: BulkStore;
let worker: Worker;
let home: string;

beforeAll(async () => {
  home = await makeHome("edgelog-memory");
  store = await startBulkStore(STORE_DELAY_MS);
  worker = await startWorker({ home, isInspected: true, opensearchUrl: store.url });
});
afterAll(async () => {
  await worker?.stop();
  await store?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A gzipped batch of the maximum number of events, each with `sharedLength` characters of shared attributes. */
const makeBatch = (sharedLength: number): Uint8Array =>
  gzipSync(
    JSON.stringify({
      v: 1,
      id: uuidv7(),
      resource: { "service.name": "memory", filler: "é".repeat(sharedLength) },
      events: Array.from({ length: MAX_BATCH_EVENTS }, (_, i) => ({
        severity: "info",
        body: `GET /api/products/${i} answered in ${i % 400} ms`,
        attributes: { "http.request.method": "GET", "url.path": `/api/products/${i}`, n: i, unit: "Überraschung" },
      })),
    }),
  );

const send = (path: string, init: RequestInit): Promise<Accepted> =>
  fetchUntilAccepted(new URL(path, worker.url), { method: "POST", ...init }, DEADLINE_MS);

/** Sends messages like the relay, until all are done. Returns the number of events that are stored now. */
const relay = async (messages: readonly RelayedMessage[]): Promise<number> => {
  let stored = 0;
  for (let rest = messages; rest.length > 0;) {
    const { response } = await send("/relay", {
      body: encodeRelayFrame({ messages: rest }),
      headers: { Authorization: `Bearer ${worker.secrets.relayToken}` },
    });
    expect(response.status).toBe(200);
    const { outcomes } = relayResponseSchema.parse(await response.json());
    for (const outcome of outcomes) {
      if (outcome.state === "done") stored += outcome.receipt.stored + outcome.receipt.duplicates;
    }
    rest = rest.filter((_, i) => outcomes[i]?.state !== "done");
  }
  return stored;
};

const post = async (body: Uint8Array): Promise<{ readonly stored: number; readonly refusals: number }> => {
  const { response, refusals } = await send("/logs", {
    body: Buffer.from(body),
    headers: { Authorization: `Bearer ${DEMO_APP}:${worker.secrets.appKey}`, "Content-Encoding": "gzip" },
  });
  expect(response.status).toBe(200);
  const { stored, duplicates } = receiptSchema.parse(await response.json());
  return { stored: stored + duplicates, refusals };
};

describe("three relay requests of ten batches and twenty POST /logs, all at their limits and at the same time", () => {
  it(
    `stay below ${MAX_HEAP_MIB} MiB of heap, and all of their events are stored`,
    async () => {
      const requests = Array.from({ length: RELAY_REQUESTS }, () =>
        Array.from({ length: BATCHES_PER_RELAY_REQUEST }, () => ({
          id: uuidv7(),
          topic: `logs/${DEMO_APP}/memory`,
          payload: makeBatch(10),
        })),
      );
      // A document has about 700 bytes in addition to the shared attributes.
      const sharedLength = (MAX_PAYLOAD_DOCUMENT_BYTES / MAX_BATCH_EVENTS - 1_200) / 2;
      const bodies = Array.from({ length: POSTS }, () => makeBatch(Math.floor(sharedLength)));

      await using heap = await watchHeap(worker.pid ?? 0);
      const sending = Promise.all([Promise.all(requests.map(relay)), Promise.all(bodies.map(post))]);
      // Reports the peaks of a failed run, too.
      await sending.catch(() => undefined);
      const peaks = heap.takePeaks();
      console.log(peaks);
      const [relayed, posted] = await sending;
      console.log({ refusals: posted.reduce((sum, { refusals }) => sum + refusals, 0) });
      expect(relayed).toEqual(requests.map(() => BATCHES_PER_RELAY_REQUEST * MAX_BATCH_EVENTS));
      expect(posted.map(({ stored }) => stored)).toEqual(bodies.map(() => MAX_BATCH_EVENTS));
      expect(store.count()).toBe((RELAY_REQUESTS * BATCHES_PER_RELAY_REQUEST + POSTS) * MAX_BATCH_EVENTS);
      expect(peaks.liveWithBuffersMib).toBeGreaterThan(0);
      expect(peaks.liveWithBuffersMib).toBeLessThan(MAX_HEAP_MIB);
    },
    2 * DEADLINE_MS,
  );
});
