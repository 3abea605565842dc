import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { HOUR_MS } from "#contract/wire/durations.ts";
import { openBulk } from "../src/opensearch/bulk-create.ts";
import { createStoreClient, StoreUnavailableError } from "../src/opensearch/client.ts";
import type { Fetch } from "../src/opensearch/fetch-connection.ts";

/** Names of the indices whose requests were closed by the client before they were answered. */
const closed: string[] = [];
const bodies: string[] = [];

/** Creates all documents. Never responds to requests for the index `hanging`. */
const server = createServer((request, response) => {
  void text(request).then((body) => {
    bodies.push(body);
    if (body.includes('"hanging"')) {
      response.once("close", () => closed.push("hanging"));
      return;
    }
    const items = body.match(/\{"create"/g)?.map(() => ({ create: { status: 201 } }));
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ items }));
  });
});

let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.closeAllConnections());

const toDocument = (index: string, source: string) => ({ index, id: "1", source, bytes: Buffer.byteLength(source) });

describe("a bulk over HTTP", () => {
  it("sends UTF-8, and closes the connection of a request that is slower than the others", async () => {
    const bulk = openBulk(createStoreClient({ url }), () => undefined);
    bulk.add(toDocument("a", '{"body":"Überraschung 😀"}'));
    bulk.add(toDocument("hanging", "{}"));
    expect((await bulk.send()).map(({ state }) => state)).toEqual(["created", "unknown"]);
    expect(bodies.find((body) => body.includes('"a"'))).toBe(
      '{"create":{"_index":"a","_id":"1"}}\n{"body":"Überraschung 😀"}\n',
    );
    await expect.poll(() => closed).toEqual(["hanging"]);
  });
});

describe("a client that many requests share", () => {
  it("sends only what it is asked to, long after OpenSearch did not respond", async () => {
    const sent: string[] = [];
    const send: Fetch = async (target, { method }) => {
      sent.push(`${method} ${target}`);
      if (sent.length === 1) throw new TypeError("connection refused");
      return Response.json({});
    };
    const client = createStoreClient({ url: "http://store.example", fetch: send });
    await expect(client.request("GET", "/first")).rejects.toThrow(StoreUnavailableError);
    vi.setSystemTime(Date.now() + HOUR_MS);
    onTestFinished(() => void vi.useRealTimers());
    expect((await client.request("GET", "/second")).status).toBe(200);
    expect(sent).toEqual(["GET http://store.example/first", "GET http://store.example/second"]);
  });
});
