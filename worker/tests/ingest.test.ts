import { describe, expect, it } from "vitest";
import { MAX_BATCH_EVENTS, MAX_RELAY_DOCUMENT_BYTES, MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import type { Delivery } from "../src/ingest/delivery.ts";
import { ingest, type IngestPorts } from "../src/ingest/ingest.ts";
import type { NewDocument } from "../src/opensearch/bulk-create.ts";
import type { CreateOutcome } from "../src/opensearch/parse-bulk-response.ts";

const deliver = (payload: object | string, n = 0): Delivery => ({
  stamp: `019ab0a5-4a00-7000-8000-${String(n).padStart(12, "0")}`,
  transport: "mqtt",
  app: "shop",
  payload: new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload)),
});

/** A store that answers the n-th bulk request with the n-th function, and later requests with `created`. */
const createStore = (...answers: readonly ((creations: readonly NewDocument[]) => readonly CreateOutcome[])[]) => {
  const requests: (readonly NewDocument[])[] = [];
  const ports: IngestPorts = {
    findRetention: async () => 30,
    openBulk: () => {
      const creations: NewDocument[] = [];
      return {
        add: (document) => void creations.push(document),
        send: async () => {
          const answer = answers[requests.length];
          requests.push(creations);
          return answer?.(creations) ?? creations.map(() => ({ state: "created" }));
        },
      };
    },
  };
  return { ports, requests };
};

describe("receipts", () => {
  it("report the outcome of each event", async () => {
    const { ports } = createStore(() => [
      { state: "created" },
      { state: "duplicate" },
      { state: "created" },
      { state: "unknown" },
    ]);
    const [receipt] = await ingest([deliver([{ body: "a" }, { body: "b" }, { body: 7 }, { body: "d" }])], ports);
    expect(receipt).toMatchObject({ stored: 1, duplicates: 1, rejected: [{ index: 2 }], unfinished: [3] });
  });

  it("report events that OpenSearch refuses as rejected, and the rejected store gets OpenSearch's error", async () => {
    const { ports, requests } = createStore(() => [
      { state: "refused", detail: "mapper_parsing_exception: no" },
      { state: "created" },
    ]);
    const [receipt] = await ingest([deliver([{ body: "a" }, { body: "b" }])], ports);
    expect(receipt).toMatchObject({ stored: 1, rejected: [{ index: 0, reason: "refused_by_store" }] });
    expect(requests[1]?.[0]?.index).toMatch(/^rejected-/);
    expect(requests[1]?.[0]?.source).toContain("mapper_parsing_exception: no");
  });

  it("report rejected events of a replay without storing them again", async () => {
    const { ports, requests } = createStore(() => [{ state: "created" }, { state: "refused", detail: "no" }]);
    const replay = { ...deliver([{ body: "a" }, { body: "b" }, { body: 7 }]), isReplay: true };
    const [receipt] = await ingest([replay], ports);
    expect(receipt).toMatchObject({ stored: 1, rejected: [{ index: 1 }, { index: 2 }] });
    expect(requests.flat().map(({ index }) => index.split("-")[0])).toEqual(["logs", "logs"]);
  });

  it("report a rejected event as unfinished until the rejected store has it", async () => {
    const { ports } = createStore(() => [{ state: "unknown" }]);
    expect((await ingest([deliver('{"broken":')], ports))[0]).toMatchObject({ rejected: [], unfinished: [0] });
    const twice = createStore(
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

describe("rejected events that share a document", () => {
  const batch = {
    v: 1,
    resource: { filler: "x".repeat(8_000) },
    events: Array.from({ length: 500 }, () => ({ x: 1 })),
  };

  it("are stored once, and each is in the receipt", async () => {
    const { ports, requests } = createStore();
    const [receipt] = await ingest([deliver(batch)], ports);
    expect(requests[0]).toHaveLength(1);
    expect(receipt?.rejected.map(({ index }) => index)).toEqual(batch.events.map((_, i) => i));
  });

  it("are all unfinished until the rejected store has the document", async () => {
    const { ports } = createStore(() => [{ state: "unknown" }]);
    const [receipt] = await ingest([deliver(batch), deliver({ body: "a" })], ports);
    expect(receipt).toMatchObject({ rejected: [], unfinished: batch.events.map((_, i) => i) });
  });
});

describe("messages of one request", () => {
  it("with unknown events are unfinished, and the others are accounted for", async () => {
    const { ports } = createStore(() => [{ state: "created" }, { state: "unknown" }, { state: "created" }]);
    const receipts = await ingest(
      [deliver({ body: "a" }), deliver({ body: "b" }, 1), deliver({ body: "c" }, 2)],
      ports,
    );
    expect(receipts).toMatchObject([{ stored: 1 }, { stored: 0, unfinished: [0] }, { stored: 1 }]);
    expect([receipts[0]?.unfinished, receipts[2]?.unfinished]).toEqual([undefined, undefined]);
  });

  it("are processed up to the limit of document bytes", async () => {
    const shared = {
      v: 1,
      resource: { filler: "x".repeat(5_000) },
      events: Array.from({ length: 500 }, () => ({ body: "" })),
    };
    const planned: number[] = [];
    const { ports, requests } = createStore();
    const deliveries = Array.from({ length: 5 }, (_, i) => deliver(shared, i));
    const receipts = await ingest(deliveries, { ...ports, onPlanned: (bytes) => planned.push(bytes) });
    expect(receipts).toHaveLength(3);
    expect(planned).toEqual([requests[0]?.reduce((sum, { bytes }) => sum + bytes, 0)]);
    expect(planned[0]).toBeLessThan(MAX_RELAY_DOCUMENT_BYTES);
  });
});

describe("a payload for which planning throws", () => {
  it("is rejected with the reason internal, and the other payloads are stored", async () => {
    let isFirst = true;
    const broken = {
      ...deliver({ body: "a" }),
      get payload() {
        if (isFirst) {
          isFirst = false;
          throw new Error("bug in the planner");
        }
        return new TextEncoder().encode("original");
      },
    };
    const { ports, requests } = createStore();
    const receipts = await ingest([deliver({ body: "a" }), broken, deliver({ body: "b" })], ports);
    expect(receipts).toMatchObject([{ stored: 1 }, { rejected: [{ reason: "internal" }] }, { stored: 1 }]);
    expect(requests[0]?.[1]?.source).toContain('"text":"original"');
  });
});

describe("a request with more events than the limit", () => {
  it("is processed up to the limit, and the other deliveries get no receipt", async () => {
    const packed = `[${"1,".repeat(MAX_BATCH_EVENTS - 1)}1]`;
    const deliveries = Array.from({ length: 15 }, (_, i) => deliver(packed, i));
    const { ports, requests } = createStore();
    expect(await ingest(deliveries, ports)).toHaveLength(MAX_RELAY_EVENTS / MAX_BATCH_EVENTS);
    expect(requests[0]).toHaveLength(MAX_RELAY_EVENTS);
  });
});
