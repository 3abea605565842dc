import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeRelayFrame } from "#contract/relay/relay-frame.ts";
import { createStamp } from "../src/create-stamp.ts";
import { createWorkerClient, type WorkerClient } from "../src/worker-client.ts";

/** Responds with the first byte of each payload, or with nothing if the bytes of a payload differ, as the number of stored events. */
const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    const outcomes = decodeRelayFrame(body)?.messages.map(({ payload }) => {
      const [stored] = payload;
      const isWhole = payload.every((byte) => byte === stored);
      return isWhole ? { state: "done", receipt: { v: 1, stored, duplicates: 0, rejected: [] } } : undefined;
    });
    response.end(JSON.stringify({ v: 1, outcomes }));
  });
});

let client: WorkerClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = createWorkerClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t" });
});
afterAll(() => server.closeAllConnections());

describe("concurrent requests", () => {
  it("have their own bodies, whatever their sizes", async () => {
    const sizes = [1_500_000, 10, 3_000_000, 700_000, 2_999_999, 1];
    const sent = sizes.map((size, i) => ({
      id: createStamp(Date.now()),
      topic: "logs/shop/c1",
      payload: new Uint8Array(size).fill(i + 1),
    }));
    const outcomes = await Promise.all(sent.map((message) => client.send([message, message], { setAside: false })));
    const stored = outcomes.map((own) => own.map((outcome) => outcome.state === "done" && outcome.receipt.stored));
    expect(stored).toEqual(sizes.map((_, i) => [i + 1, i + 1]));
  });
});
