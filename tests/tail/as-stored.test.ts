/** A live tail shows an event as the Worker will store it, or not at all. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import { MAX_BATCH_EVENTS, MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { invalidFixtures, validFixtures } from "../../contract/tests/fixtures.ts";
import { logsTopic } from "#contract/wire/topics.ts";
import { toTailEvents, type TailMessageEvents } from "../../web-client/console/live/to-tail-events.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import { payload } from "../support/security/random-payloads.ts";

const RETENTION = 30;
const receivedAt = Date.now();
const stamp = uuidv7({ msecs: receivedAt });

const read = (bytes: Uint8Array): Promise<TailMessageEvents> =>
  toTailEvents({ topic: logsTopic("shop.2", "phone"), payload: bytes, receivedAt, number: 0 }, (app) =>
    app === "shop" ? RETENTION : undefined,
  );

/** Planned documents by position, without the fields that a live tail does not have; `undefined` for rejected events. */
const plan = (bytes: Uint8Array): readonly (Record<string, unknown> | undefined)[] =>
  planDelivery({ stamp, transport: "mqtt", app: "shop", client: "phone", payload: bytes }, RETENTION).events.map(
    ({ kind, newDocument: { source } }) => {
      if (kind === "rejected") return undefined;
      const { error: _, ...document } = JSON.parse(source);
      delete document.edgelog.values;
      delete document.edgelog.bytes;
      delete document.edgelog.sequence;
      return document;
    },
  );

/** Whether the Worker derived the id from the stamp, which a live tail does not have. */
const isDerived = (id: unknown): boolean => typeof id === "string" && (id === stamp || id[14] === "5");

const compare = async (bytes: Uint8Array): Promise<number> => {
  const { events, isPartial } = await read(bytes);
  const planned = plan(bytes);
  let position = 0;
  for (const { id, document } of events) {
    const shown = JSON.parse(JSON.stringify(document));
    delete shown.edgelog.sequence;
    // Events are shown in order, without rejected ones.
    const match = planned
      .slice(position)
      .findIndex(
        (each) =>
          each?.["body"] === document.body &&
          (each["edgelog"] as typeof document.edgelog).dialect === document.edgelog.dialect,
      );
    expect(match).not.toBe(-1);
    const stored = planned[position + match]!;
    position += match + 1;
    if (id === undefined) {
      expect(isDerived((stored["log"] as typeof document.log).record.uid)).toBe(true);
      expect({ ...shown, log: stored["log"] }).toEqual(stored);
    } else expect(shown).toEqual(stored);
  }
  expect(isPartial || events.length === planned.length).toBe(true);
  return events.length;
};

describe("a live tail", () => {
  it.each(validFixtures)("shows the valid payload $name as it will be stored", async ({ name, bytes }) => {
    const shown = await compare(bytes);
    expect(shown > 0).toBe(!/^(?:ecs|flutter|json-line|repaired)/.test(name));
    expect(await compare(gzipSync(bytes))).toBe(shown);
  });

  it.each(invalidFixtures)("shows no rejected event of the payload $name", async ({ bytes }) => {
    await compare(bytes);
    expect((await read(bytes)).isPartial).toBe(true);
  });

  it("shows random payloads as they will be stored, or not at all", async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(payload, async (bytes) => {
        shown += await compare(bytes);
      }),
      { numRuns: 4_000 },
    );
    expect(shown).toBeGreaterThan(100);
  });

  it("accepts only valid times", async () => {
    for (const time of ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01"])
      await compare(Buffer.from(JSON.stringify({ body: "x", time })));
    for (const time of ["2024-02-29T23:59:59.5+05:30", "2026-11-01T00:00:00Z"])
      expect(await compare(Buffer.from(JSON.stringify({ body: "x", time })))).toBe(1);
  });

  it.each([
    { note: "a gzip bomb", bytes: gzipSync(Buffer.alloc(64 * MAX_MESSAGE_BYTES)) },
    { note: "truncated gzip", bytes: gzipSync('{"body":"x"}').subarray(0, -6) },
    { note: "gzip with trailing bytes", bytes: Buffer.concat([gzipSync('{"body":"x"}'), Buffer.from("x")]) },
    { note: "nested arrays", bytes: Buffer.from("[".repeat(100_000)) },
    {
      note: "too many events",
      bytes: Buffer.from(JSON.stringify(Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => ({ body: "x" })))),
    },
    {
      note: "a batch id that is not a UUID",
      bytes: Buffer.from('{"v":1,"id":"00000000-0000-0000-0000-00000000000a","events":[{"body":"x"}]}'),
    },
  ])("shows no event of $note", async ({ bytes }) => {
    expect(await read(bytes)).toEqual({ events: [], isPartial: true });
  });

  // Each of these characters takes six bytes in JSON.
  it.each([15, 2])("shows an event with the version of its service and a resource of %i times 6 KB", async (count) => {
    const resource = Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, "\u0001".repeat(1_000)]));
    const event = { body: "x", attributes: { "service.version": "1.2" } };
    expect(await compare(Buffer.from(JSON.stringify({ v: 1, resource, events: [event] })))).toBe(1);
  });

  it("shows no event of another app", async () => {
    const bytes = Buffer.from('{"body":"x"}');
    const message = { topic: logsTopic("other", "phone"), payload: bytes, receivedAt, number: 0 };
    expect(await toTailEvents(message, (app) => (app === "shop" ? RETENTION : undefined))).toMatchObject({
      events: [],
    });
  });
});
