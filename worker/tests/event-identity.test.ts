import { v4 as uuidv4, v7 as uuidv7 } from "uuid";
import { describe, expect, it, vi } from "vitest";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { createStamp } from "../src/ingest/create-stamp.ts";
import { firstSequenceOf } from "../src/ingest/event-identity.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const DAY_MS = 86_400_000;
const NOON = Date.parse("2026-11-17T12:00:00Z");

const planAt = (payload: object | string, atMs: number, app = "shop") =>
  planDelivery(
    {
      stamp: uuidv7({ msecs: atMs }),
      transport: "http",
      app,
      payload: new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload)),
    },
    30,
  ).events.map(({ newDocument }) => ({ ...newDocument, document: JSON.parse(newDocument.source) }));

/** The index and id of each event, and the other index in which an earlier delivery may have stored it. */
const placesAt = (payload: object, atMs: number) =>
  planAt(payload, atMs).map(({ index, id, earlierIndex }) => ({ index, id, earlierIndex }));

describe("a resend on another day has the same index and id", () => {
  const v7 = uuidv7({ msecs: NOON });
  it.each<[string, object]>([
    ["an id of version 4 and no time", { id: uuidv4(), body: "b" }],
    ["an id of version 7 and no time", { id: v7, body: "b" }],
    ["an id of version 4 and a time", { id: uuidv4(), time: NOON, body: "b" }],
    ["an id of an unknown version", { id: "11111111-1111-1111-1111-111111111111", body: "b" }],
    ["a batch with an id of version 7", { v: 1, id: v7, events: [{ body: "a" }, { body: "b" }] }],
    ["a batch with an id of version 4", { v: 1, id: uuidv4(), events: [{ body: "a" }, { body: "b" }] }],
    [
      "a batch with an id of an unknown version",
      { v: 1, id: "a".repeat(8) + v7.slice(8, 14) + "f000-0000-000000000000", events: [{ body: "a" }] },
    ],
    ["a batch with an id and an event with an id", { v: 1, id: v7, events: [{ id: uuidv4(), body: "a" }] }],
  ])("for %s", (_, payload) => {
    const first = placesAt(payload, NOON);
    for (const later of [1, 12 * 3_600_000, 5 * DAY_MS]) expect(placesAt(payload, NOON + later)).toEqual(first);
    expect(first.every(({ earlierIndex }) => earlierIndex === undefined)).toBe(true);
  });

  it("for an event of a batch that is sent again in another batch", () => {
    const event = { id: uuidv4(), body: "a" };
    const [first] = placesAt({ v: 1, id: uuidv7({ msecs: NOON }), events: [event] }, NOON);
    const [again] = placesAt({ v: 1, id: uuidv7({ msecs: NOON + DAY_MS }), events: [event] }, NOON + DAY_MS);
    expect(again).toEqual(first);
  });
});

it("the same id in two apps is two documents", () => {
  const v7 = uuidv7({ msecs: NOON });
  for (const payload of [
    { id: v7, body: "b" },
    { v: 1, id: v7, events: [{ body: "b" }] },
  ]) {
    const [shop, news] = ["shop", "news"].flatMap((app) => planAt(payload, NOON, app));
    expect(news?.document.log.record.uid).toBe(shop?.document.log.record.uid);
    expect(news?.id).not.toBe(shop?.id);
  }
});

it("the stamp of an HTTP request has the current time, also after a clock that was ahead is right again", () => {
  const stampAt = (nowMs: number): number | undefined => {
    vi.setSystemTime(nowMs);
    return timeOfUuid(createStamp());
  };
  vi.useFakeTimers();
  try {
    expect([NOON + 40 * DAY_MS, NOON].map(stampAt)).toEqual([NOON + 40 * DAY_MS, NOON]);
  } finally {
    vi.useRealTimers();
  }
});

describe("at a limit for times, the index of the other side is looked up", () => {
  it("for a time that is no longer within the retention", () => {
    const event = { id: uuidv4(), time: NOON, body: "b" };
    const [first] = placesAt(event, NOON + 30 * DAY_MS - 1);
    const [again] = placesAt(event, NOON + 30 * DAY_MS + 1);
    expect(first?.index).toBe("logs-30d-2026.11.17");
    expect(again).toEqual({ index: "logs-30d-skewed", id: `${event.id}.shop`, earlierIndex: first?.index });
    expect(placesAt(event, NOON + 33 * DAY_MS)[0]?.earlierIndex).toBeUndefined();
  });

  it("for a time that is no longer more than a day ahead", () => {
    const event = { id: uuidv4(), time: NOON, body: "b" };
    const [first] = placesAt(event, NOON - DAY_MS - 1);
    const [again] = placesAt(event, NOON - DAY_MS + 1);
    expect(first?.index).toBe("logs-30d-skewed");
    expect(again).toEqual({ index: "logs-30d-2026.11.17", id: `${event.id}.shop`, earlierIndex: first?.index });
  });

  it("but not for a time that was hours ahead and became the time of arrival: its index stays the same", () => {
    const event = { id: uuidv4(), time: NOON, body: "b" };
    const indices = [20, 2, 0.5, 0, -1].map((hours) => placesAt(event, NOON - hours * 60 * 60_000)[0]?.index);
    expect(new Set(indices)).toEqual(new Set(["logs-30d-2026.11.17"]));
  });

  it("but not for an event without an id, or one that is a few minutes ahead", () => {
    expect(placesAt({ time: NOON, body: "b" }, NOON + 30 * DAY_MS + 1)[0]?.earlierIndex).toBeUndefined();
    expect(placesAt({ id: uuidv4(), time: NOON, body: "b" }, NOON - 60_000)[0]?.earlierIndex).toBeUndefined();
  });
});

describe("ids that are not usable", () => {
  const nil = "00000000-0000-0000-0000-000000000000";

  it("are replaced, so that each event is stored", () => {
    const events = planAt(
      [
        { id: nil, body: "a" },
        { id: nil, body: "b" },
        { id: "7", body: "c" },
      ] as object,
      NOON,
    );
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    for (const { document } of events) expect(document.edgelog.changes).toEqual(["id_replaced"]);
    expect(events.map(({ document }) => document.edgelog.claimedId)).toEqual([nil, nil, "7"]);
  });

  it("are replaced if another event of the payload has the id, by the same id for each delivery", () => {
    const id = uuidv4();
    const batch = {
      v: 1,
      events: [
        { id, body: "a" },
        { id, body: "b" },
        { id, body: "a" },
      ],
    };
    const ids = (atMs: number) => planAt(batch, atMs).map((each) => each.id);
    const [first, second, third] = ids(NOON);
    expect([first, third]).toEqual([`${id}.shop`, `${id}.shop`]);
    expect(second).not.toBe(first);
    expect(ids(NOON + DAY_MS)).toEqual(ids(NOON));
    expect(planAt(batch, NOON)[1]?.document.edgelog).toMatchObject({ changes: ["id_replaced"], claimedId: id });
  });
});

describe("the sequence", () => {
  it("ascends within a payload, and from stamp to stamp of the same millisecond", () => {
    const bodies = Array.from({ length: 1_000 }, (_, i) => ({ body: String(i) }));
    const sequences = [NOON, NOON].flatMap((atMs) =>
      planAt(bodies, atMs).map(({ document }) => document.edgelog.sequence as number),
    );
    const stamps = Array.from({ length: 1_000 }, () => uuidv7());
    expect(sequences.slice(0, 1_000)).toEqual(sequences.slice(0, 1_000).toSorted((a, b) => a - b));
    expect(new Set(sequences.slice(0, 1_000)).size).toBe(1_000);
    for (const [i, stamp] of stamps.entries()) {
      const previous = stamps[i - 1];
      if (previous === undefined || previous.slice(0, 13) !== stamp.slice(0, 13)) continue;
      expect(firstSequenceOf(stamp)).toBeGreaterThanOrEqual(firstSequenceOf(previous) + 1_024);
    }
    expect(firstSequenceOf("ffffffff-ffff-7fff-bfff-ffffffffffff") + 999).toBeLessThan(2 ** 42);
  });
});
