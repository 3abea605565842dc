import { describe, expect, it } from "vitest";
import { MAX_BATCH_EVENTS, MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import { ingest, type CreationOutcome, type IngestPorts } from "../src/ingest/ingest.ts";
import type { Delivery } from "../src/ingest/payload.ts";
import type { Creation } from "../src/ingest/planned.ts";

const deliver = (payload: object | string, n = 0): Delivery => ({
  stamp: `019ab0a5-4a00-7000-8000-${String(n).padStart(12, "0")}`,
  transport: "mqtt",
  app: "shop",
  payload: new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload)),
});

/** A store that answers each bulk request from the script, then says that it created everything. */
const scripted = (...script: readonly ((creations: readonly Creation[]) => readonly CreationOutcome[])[]) => {
  const requests: (readonly Creation[])[] = [];
  const ports: IngestPorts = {
    findRetention: async () => 30,
    createAll: async (creations) => {
      const answer = script[requests.length];
      requests.push(creations);
      return answer?.(creations) ?? creations.map(() => ({ state: "created" }));
    },
  };
  return { ports, requests };
};

describe("accounting", () => {
  it("says what became of each event", async () => {
    const { ports } = scripted(() => [
      { state: "created" },
      { state: "duplicate" },
      { state: "created" },
      { state: "unknown" },
    ]);
    const [receipt] = await ingest([deliver([{ body: "a" }, { body: "b" }, { body: 7 }, { body: "d" }])], ports);
    expect(receipt).toMatchObject({ stored: 1, duplicates: 1, rejected: [{ index: 2 }], unfinished: [3] });
  });

  it("keeps what the store refuses for good, with the store's reason", async () => {
    const { ports, requests } = scripted(() => [
      { state: "refused", detail: "mapper_parsing_exception: no" },
      { state: "created" },
    ]);
    const [receipt] = await ingest([deliver([{ body: "a" }, { body: "b" }])], ports);
    expect(receipt).toMatchObject({ stored: 1, rejected: [{ index: 0, reason: "refused_by_store" }] });
    expect(requests[1]?.[0]?.index).toMatch(/^rejected-/);
    expect(requests[1]?.[0]?.source).toContain("mapper_parsing_exception: no");
  });

  it("says unfinished while a rejected event is not kept either", async () => {
    const { ports } = scripted(() => [{ state: "unknown" }]);
    expect((await ingest([deliver("{broken")], ports))[0]).toMatchObject({ rejected: [], unfinished: [0] });
    const twice = scripted(
      () => [{ state: "refused", detail: "no" }],
      () => [{ state: "unknown" }],
    );
    expect((await ingest([deliver({ body: "a" })], twice.ports))[0]).toMatchObject({
      stored: 0,
      rejected: [],
      unfinished: [0],
    });
  });
});

describe("a payload that the Worker fails on", () => {
  it("is kept as rejected, and its neighbours are stored", async () => {
    let isFirst = true;
    const broken = {
      ...deliver({ body: "a" }),
      get payload() {
        if (isFirst) {
          isFirst = false;
          throw new Error("a mistake of ours");
        }
        return new TextEncoder().encode("kept");
      },
    };
    const { ports, requests } = scripted();
    const receipts = await ingest([deliver({ body: "a" }), broken, deliver({ body: "b" })], ports);
    expect(receipts).toMatchObject([{ stored: 1 }, { rejected: [{ reason: "internal" }] }, { stored: 1 }]);
    expect(requests[0]?.[1]?.source).toContain('"text":"kept"');
  });
});

describe("a request that senders packed too full", () => {
  it("is taken as far as memory is planned for, and the rest comes again", async () => {
    const packed = `[${"1,".repeat(MAX_BATCH_EVENTS - 1)}1]`;
    const deliveries = Array.from({ length: 15 }, (_, i) => deliver(packed, i));
    const { ports, requests } = scripted();
    expect(await ingest(deliveries, ports)).toHaveLength(MAX_RELAY_EVENTS / MAX_BATCH_EVENTS);
    expect(requests[0]).toHaveLength(MAX_RELAY_EVENTS);
  });
});
