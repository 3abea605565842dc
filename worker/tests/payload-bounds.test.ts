import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_PAYLOAD_DOCUMENT_BYTES,
  MAX_REPEATED_SHARED_LENGTH,
  MAX_VALUE_TERMS,
  MAX_VALUE_TERMS_LENGTH,
} from "#contract/wire/limits.ts";
import type { PlannedEvent } from "../src/ingest/delivery-plan.ts";
import { toMaxDocumentBytes } from "../src/ingest/max-document-bytes.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const deliver = (payload: Uint8Array) =>
  ({ stamp: "019ab0a5-4a00-7000-8000-0000000000aa", transport: "mqtt", app: "shop", client: "c1", payload }) as const;

const plan = (payload: object): readonly PlannedEvent[] =>
  planDelivery(deliver(new TextEncoder().encode(JSON.stringify(payload))), 30).events;

/** The terms of a planned log. */
const toLog = (
  event: PlannedEvent | undefined,
): { readonly values: readonly string[]; readonly omittedValues: number } => ({
  omittedValues: 0,
  ...JSON.parse(event?.newDocument.source ?? "").edgelog,
});

describe("the documents of a payload", () => {
  const repeat = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  /** `leaves` values below seven keys of the maximum length. */
  const nest = (leaves: number): object => {
    let node: object = Object.fromEntries(repeat(leaves, (i) => [String(i), i]));
    for (let i = 1; i < MAX_ATTRIBUTE_DEPTH; i += 1) node = { ["k".repeat(MAX_ATTRIBUTE_KEY_LENGTH)]: node };
    return node;
  };
  const planBatch = (batch: object) => planDelivery(deliver(gzipSync(JSON.stringify({ v: 1, ...batch }))), 30);

  it("are bounded before they are built: each document repeats the shared fields", () => {
    const shared = { resource: nest(128), attributes: nest(128) };
    const sent = gzipSync(JSON.stringify({ v: 1, ...shared, events: repeat(1_000, () => ({ body: "a" })) }));
    expect(sent.byteLength).toBeLessThan(1_000);
    const { events, documentBytes } = planDelivery(deliver(sent), 30);
    expect(events).toHaveLength(1);
    expect(events[0]?.violation).toMatchObject({
      reason: "too_large",
      field: "payload",
      limit: MAX_PAYLOAD_DOCUMENT_BYTES,
      message: expect.stringMatching(/would have \d{8} bytes in total; the maximum is 8388608\./),
    });
    expect(documentBytes).toBeLessThan(5_000);
    expect(JSON.parse(events[0]?.newDocument.source ?? "").payload.base64).toBe(sent.toString("base64"));
  });

  it("are bounded if the events' own fields have long paths, which each term repeats", () => {
    const { events } = planBatch({ events: repeat(500, () => ({ body: "a", attributes: nest(128) })) });
    expect(events).toHaveLength(1);
    expect(events[0]?.violation).toMatchObject({ reason: "too_large", limit: MAX_PAYLOAD_DOCUMENT_BYTES });
  });

  it.each([1, 5, 20, 60, 120])(
    "of a body with %i of each part are not larger than what is reserved for it",
    (count) => {
      const path = (depth: number): object =>
        depth === 0
          ? Object.fromEntries(repeat(count, (i) => [i.toString(36), 1]))
          : { ["k".repeat(count)]: path(depth - 1) };
      const bodies: readonly object[] = [
        repeat(count, () => ({})),
        repeat(count, () => ({ body: "" })),
        { v: 1, resource: path(1), events: repeat(count, () => ({ body: "" })) },
        { v: 1, resource: path(6), attributes: path(6), events: repeat(count, () => ({ body: "" })) },
        { v: 1, resource: path(6), events: repeat(count, () => ({})) },
        { v: 1, events: repeat(count, () => ({ body: "\u0000", attributes: path(2) })) },
      ];
      for (const body of bodies) {
        const payload = new TextEncoder().encode(JSON.stringify(body));
        const { documentBytes } = planDelivery(deliver(payload), 30);
        expect(documentBytes).toBeLessThanOrEqual(toMaxDocumentBytes(payload.byteLength));
      }
    },
  );

  it("are stored up to the limit", () => {
    const batchOf = (count: number) =>
      planBatch({ events: repeat(count, () => ({ body: "a", attributes: nest(128) })) });
    const bytesOfEvent = batchOf(1).documentBytes;
    const fitting = batchOf(Math.floor(MAX_PAYLOAD_DOCUMENT_BYTES / bytesOfEvent));
    expect(fitting.events.every(({ kind }) => kind === "log")).toBe(true);
    expect(fitting.documentBytes).toBeGreaterThan(MAX_PAYLOAD_DOCUMENT_BYTES - bytesOfEvent);
    expect(fitting.documentBytes).toBe(
      fitting.events.reduce((sum, { newDocument }) => sum + Buffer.byteLength(newDocument.source), 0),
    );
  });

  it("have a limited number of terms; a document with more is stored with the number of omitted terms", () => {
    const [event] = plan({ v: 1, resource: nest(128), events: [{ body: "", attributes: { first: 1, ...nest(100) } }] });
    const { values, omittedValues } = toLog(event);
    expect(values[0]).toMatch(/^first\n/);
    expect(values.length + omittedValues).toBe(229);
    expect(values.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(MAX_VALUE_TERMS_LENGTH);
    const attributes = Object.fromEntries(repeat(128, (i) => [`a${i}`, i]));
    const [short] = plan({ v: 1, resource: attributes, attributes, events: [{ body: "", attributes: nest(10) }] });
    expect(toLog(short).values).toHaveLength(MAX_VALUE_TERMS);
    expect(toLog(short).omittedValues).toBe(10);
    expect(toLog(plan({ body: "", attributes })[0]).omittedValues).toBe(0);
  });

  it("of rejected events are one per reason if they would repeat large shared fields", () => {
    const batch = {
      resource: { filler: "x".repeat(8_000) },
      events: repeat(500, (i) => (i % 2 === 0 ? { x: i } : i % 4 === 1 ? { body: i } : { body: "ok" })),
    };
    const { events, documentBytes } = planBatch(batch);
    expect(events.map(({ position }) => position)).toEqual(batch.events.map((_, i) => i));
    const rejected = events.filter(({ kind }) => kind === "rejected");
    expect(rejected).toHaveLength(375);
    const documents = [...new Set(rejected.map(({ newDocument }) => newDocument))].map(({ source }) =>
      JSON.parse(source),
    );
    expect(documents.map(({ reason, event }) => [reason, event])).toEqual([
      ["missing_field", { index: 0, count: 250 }],
      ["invalid_field", { index: 1, count: 125 }],
    ]);
    // Each document can be replayed as a batch.
    const replayed = plan(JSON.parse(documents[1].payload.text));
    expect(replayed.map(({ violation }) => violation?.reason)).toEqual(repeat(125, () => "invalid_field"));
    expect(JSON.parse(documents[1].payload.text).resource).toEqual(batch.resource);
    const sentBytes = JSON.stringify(batch).length;
    const logBytes = events.reduce((sum, { kind, newDocument }) => sum + (kind === "log" ? newDocument.bytes : 0), 0);
    expect(documentBytes - logBytes).toBeLessThan(2 * sentBytes + MAX_REPEATED_SHARED_LENGTH);
  });
});
