import { expect, it, vi } from "vitest";
import { limitReads } from "../src/read/limited-reads.ts";
import type { StoreClient, StoreResponse } from "../src/opensearch/client.ts";

const RESPONSE: StoreResponse = { status: 200, body: {} };

it("hands each search to the runtime, so that its turn also ends after its client has disconnected", async () => {
  const sent: PromiseWithResolvers<StoreResponse>[] = [];
  const request: StoreClient["request"] = () => {
    const response = Promise.withResolvers<StoreResponse>();
    sent.push(response);
    return response.promise;
  };
  const works: Promise<unknown>[] = [];
  const store = { request } as Partial<StoreClient> as StoreClient;
  const client = limitReads(store, { owner: "reader", waitUntil: (work) => works.push(work) });
  // A reader has three turns. The client of these searches disconnects.
  for (let i = 0; i < 3; i += 1) void client.request("GET", "/logs/_search");
  const next = client.request("GET", "/logs/_search");
  expect(works).toHaveLength(4);
  await vi.waitFor(() => expect(sent).toHaveLength(3));
  for (const { resolve } of sent) resolve(RESPONSE);
  await Promise.all(works.slice(0, 3));
  sent[3]?.resolve(RESPONSE);
  expect(await next).toBe(RESPONSE);
});
