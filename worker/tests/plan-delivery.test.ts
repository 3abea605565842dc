import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { invalidFixtures, validFixtures } from "../../contract/tests/fixtures.ts";
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_BATCH_EVENTS,
  MAX_BODY_LENGTH,
  MAX_CLOCK_AHEAD_MS,
  MAX_MESSAGE_BYTES,
  MAX_SHARED_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "#contract/wire/limits.ts";
import { logsIndex } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import type { Delivery } from "../src/ingest/delivery.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const STAMP_MS = 0x019ab0a54a00;
const STAMP = "019ab0a5-4a00-7000-8000-0000000000aa";

const deliver = (payload: Uint8Array | string | object, overrides: Partial<Delivery> = {}): Delivery => ({
  stamp: STAMP,
  transport: "mqtt",
  app: "shop",
  client: "c1",
  payload:
    payload instanceof Uint8Array
      ? payload
      : new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload)),
  ...overrides,
});

const plan = (payload: Uint8Array | string | object, overrides: Partial<Delivery> = {}) => {
  const { events } = planDelivery(deliver(payload, overrides), 30);
  return events.map((event) => ({ ...event, document: JSON.parse(event.newDocument.source) }));
};

describe("valid fixtures", () => {
  it.each(validFixtures)("$name: $description", ({ bytes, documents }) => {
    const planned = plan(bytes);
    expect(planned.map(({ kind }) => kind)).toEqual(documents.map(() => "log"));
    for (const [i, expected] of documents.entries()) expect(planned[i]?.document).toMatchObject(expected);
  });
});

describe("invalid fixtures", () => {
  it.each(invalidFixtures)("$name: $description", ({ bytes, rejected }) => {
    const planned = plan(bytes).filter(({ kind }) => kind === "rejected");
    expect(planned).toHaveLength(rejected.length);
    for (const [i, { index, ...violation }] of rejected.entries()) {
      expect(planned[i]?.violation).toMatchObject(violation);
      expect(planned[i]?.position).toBe(index);
      expect(planned[i]?.document.reason).toBe(violation.reason);
    }
  });

  it.each([
    ["timestamp", "Use `time` instead."],
    ["constructor", "Put custom fields under `attributes`."],
  ])("suggests what to do with the unknown field %s", (field, suggestion) => {
    const planned = plan({ body: "x", [field]: 1 });
    expect(planned[0]?.violation).toEqual({
      reason: "unknown_field",
      field,
      message: `Unknown field ${field}. ${suggestion}`,
    });
  });

  it("stores the original payload, as base64 if it is not UTF-8", () => {
    expect(plan(Uint8Array.of(255, 254))[0]?.document.payload).toEqual({ base64: "//4=", bytes: 2 });
    expect(plan('{"broken":')[0]?.document.payload).toEqual({ text: '{"broken":', bytes: 10 });
    expect(plan({ v: 1, events: [{ body: "ok" }, { body: 7 }] })[1]?.document.payload.text).toBe('{"body":7}');
  });
});

describe("rejected events", () => {
  const idsOf = (payload: object, stamp = STAMP) => plan(payload, { stamp }).map(({ newDocument }) => newDocument.id);
  const later = "019ab0a5-4e00-7000-8000-0000000000bb";

  it("have the same document id when they are sent again", () => {
    const event = { id: "019ab0c0-1111-7000-8000-000000000001", body: 7 };
    expect(idsOf(event, later)).toEqual(idsOf(event));
  });

  it("have different document ids if they share an event id, or if their ids are not UUIDs", () => {
    const id = "019ab0c0-1111-7000-8000-000000000001";
    expect(idsOf({ id, body: 7 })).not.toEqual(idsOf({ id, body: 8 }));
    expect(idsOf({ id: "42", body: "x" }, later)).not.toEqual(idsOf({ id: "42", body: "x" }));
  });
});

describe("the stored payload of a rejected event", () => {
  it("can be replayed alone: it includes the resource and attributes of its batch", () => {
    const batch = {
      v: 1,
      resource: { "service.name": "s" },
      attributes: { a: 1 },
      events: [{ body: "ok" }, { body: 7 }],
    };
    const stored = JSON.parse(plan(batch)[1]?.document.payload.text);
    expect(stored).toEqual({ v: 1, resource: { "service.name": "s" }, attributes: { a: 1 }, events: [{ body: 7 }] });
  });

  it("is the original payload if that has a single event", () => {
    expect(plan(' {"body":7} ')[0]?.document.payload.text).toBe(' {"body":7} ');
  });
});

describe("limits: stored at the limit, rejected with field and limit one above it", () => {
  const values = (n: number): object => ({ list: Array.from({ length: n }, () => 1) });
  const nested = (depth: number): object => {
    let node: unknown = 1;
    for (let i = 0; i < depth; i += 1) node = { a: node };
    return node as object;
  };
  const shared = (field: string) => (n: number) => ({
    v: 1,
    [field]: { a: "v".repeat(8_000), b: "v".repeat(8_000), c: "v".repeat(n - 16_003) },
    events: [{ body: "" }],
  });
  it.each([
    ["body", MAX_BODY_LENGTH, "too_long", (n: number) => ({ body: "x".repeat(n) })],
    [
      "attribute count",
      MAX_ATTRIBUTE_COUNT,
      "too_many_attributes",
      (n: number) => ({ body: "", attributes: values(n) }),
    ],
    ["attribute depth", MAX_ATTRIBUTE_DEPTH, "too_deep", (n: number) => ({ body: "", attributes: nested(n) })],
    ["shared resource", MAX_SHARED_LENGTH, "too_long", shared("resource")],
    ["shared attributes", MAX_SHARED_LENGTH, "too_long", shared("attributes")],
    [
      "attribute key",
      MAX_ATTRIBUTE_KEY_LENGTH,
      "too_long",
      (n: number) => ({ body: "", attributes: { ["k".repeat(n)]: 1 } }),
    ],
    [
      "attribute value",
      MAX_ATTRIBUTE_VALUE_LENGTH,
      "too_long",
      (n: number) => ({ body: "", attributes: { k: "v".repeat(n) } }),
    ],
    [
      "stack trace",
      MAX_STACKTRACE_LENGTH,
      "too_long",
      (n: number) => ({ body: "", attributes: { "exception.stacktrace": "v".repeat(n) } }),
    ],
    [
      "events",
      MAX_BATCH_EVENTS,
      "too_many_events",
      (n: number) => ({ v: 1, events: Array.from({ length: n }, () => ({ body: "" })) }),
    ],
  ] as const)("%s", (_, limit, reason, make) => {
    expect(plan(make(limit)).every(({ kind }) => kind === "log")).toBe(true);
    const [first] = plan(make(limit + 1));
    expect(first?.violation).toMatchObject({ reason, limit });
    expect(first?.violation?.field).toMatch(/\S/);
    expect(first?.violation?.message).toContain(String(limit));
  });
});

describe("ids and times", () => {
  it("uses the event's id in lower case and the app as the document id", () => {
    const id = "019AB0C0-1111-7000-8000-0000000000FF";
    expect(plan({ id, body: "x" })[0]?.newDocument.id).toBe(`${id.toLowerCase()}.shop`);
  });

  it("plans the same document ids for a batch with an id that is sent again later", () => {
    const batch = { v: 1, id: "019ab0c0-1111-7000-8000-000000000001", events: [{ body: "a" }, { body: 7 }] };
    const later = { stamp: "019ab0a5-4e00-7000-8000-0000000000bb" };
    const ids = (overrides: Partial<Delivery>) => plan(batch, overrides).map(({ newDocument }) => newDocument.id);
    expect(ids(later)).toEqual(ids({}));
    expect(new Set(ids({})).size).toBe(2);
  });

  it("derives a different id from the stamp for each event without an id", () => {
    expect(plan({ body: "x" })[0]?.newDocument.id).toBe(`${STAMP}.shop`);
    expect(new Set(plan('{"body":"a"}\n{"body":"b"}').map(({ newDocument }) => newDocument.id)).size).toBe(2);
  });

  it("uses the event's time, else the time in its UUIDv7, else the time of arrival", () => {
    const timestamp = (event: object) => plan(event)[0]?.document["@timestamp"];
    expect(timestamp({ body: "", time: 1_763_888_400_000 })).toBe("2025-11-23T09:00:00.000Z");
    expect(timestamp({ body: "", id: "019ab0a5-4a01-7000-8000-000000000001" })).toBe(
      new Date(STAMP_MS + 1).toISOString(),
    );
    expect(timestamp({ body: "" })).toBe(plan({ body: "" })[0]?.document.observedTimestamp);
  });

  it("chooses the index by retention class and day", () => {
    expect(plan({ body: "", time: "2025-11-22T23:59:59.999Z" })[0]?.newDocument.index).toBe("logs-30d-2025.11.22");
  });

  it.each([
    ["beyond retention", "2001-01-01T00:00:00Z"],
    ["over a day ahead", "2199-01-01T00:00:00Z"],
  ])("stores a time %s as claimedTime and uses the time of arrival", (_, time) => {
    const [event] = plan({ body: "", time });
    expect(event?.newDocument.index).toBe("logs-30d-skewed");
    expect(event?.document["@timestamp"]).toBe(event?.document.observedTimestamp);
    expect(event?.document.edgelog.claimedTime).toBe(new Date(time).toISOString());
  });

  it("uses the time of arrival for a time more than 10 minutes ahead, but the index of the event's time", () => {
    const [near] = plan({ body: "", time: STAMP_MS + MAX_CLOCK_AHEAD_MS });
    expect(near?.document["@timestamp"]).toBe(new Date(STAMP_MS + MAX_CLOCK_AHEAD_MS).toISOString());
    const aheadMs = STAMP_MS + DAY_MS;
    const [far] = plan({ body: "", time: aheadMs });
    expect(far?.document["@timestamp"]).toBe(far?.document.observedTimestamp);
    expect(far?.document.edgelog).toMatchObject({ claimedTime: new Date(aheadMs).toISOString() });
    expect(far?.document.edgelog.lagMs).toBeUndefined();
    expect(far?.newDocument.index).toBe(logsIndex(30, new Date(aheadMs).toISOString()));
  });
});

describe("hostile attributes", () => {
  it("treats __proto__ and constructor as ordinary keys", () => {
    const payload = '{"body":"x","attributes":{"__proto__":{"polluted":1},"constructor":"c","toString":2}}';
    const [event] = planDelivery(deliver(payload), 30).events;
    expect(event?.newDocument.source).toContain(
      '"attributes":{"__proto__":{"polluted":1},"constructor":"c","toString":2}',
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("converts coordinates with more digits than a double has to a geo point, and keeps the digits", () => {
    const payload = '{"body":"x","attributes":{"geo.location.lat":52.520006599999998,"geo.location.lon":13.404954}}';
    const source = planDelivery(deliver(payload), 30).events[0]?.newDocument.source ?? "{}";
    expect(JSON.parse(source)).toMatchObject({
      geo: { location: { lat: Number("52.520006599999998"), lon: 13.404954 } },
      attributes: { "geo.location.lat": "52.520006599999998" },
    });
  });

  it("does not convert coordinates out of range to a geo point", () => {
    const [event] = plan({ body: "", attributes: { "geo.location.lat": 91, "geo.location.lon": 0 } });
    expect(event?.document.geo).toBeUndefined();
    expect(event?.document.attributes).toEqual({ "geo.location.lat": 91, "geo.location.lon": 0 });
  });
});

describe("deliveries without an active app", () => {
  it.each([
    ["an unknown app", { app: "nope" }, undefined, "unknown_app"],
    ["a disabled app", { app: "gone" }, "disabled", "app_disabled"],
    ["a topic without an app", { app: undefined, topic: "logs/x" }, 30, "unknown_topic"],
  ] as const)("stores the payload of %s as rejected", (_, overrides, retention, reason) => {
    const [event] = planDelivery(deliver({ body: "x" }, overrides), retention).events;
    expect(event?.violation?.reason).toBe(reason);
    expect(JSON.parse(event?.newDocument.source ?? "").payload.text).toBe('{"body":"x"}');
  });
});

describe("a payload that the relay sets aside", () => {
  it("is rejected as a whole with the reason internal, and stored unchanged", () => {
    const payload = '{"events":[{"body":"a"},{"body":"b"}]}';
    expect(plan(payload, { setAside: true })).toMatchObject([
      { kind: "rejected", document: { reason: "internal", payload: { text: payload } } },
    ]);
  });
});

describe("gzip", () => {
  const batch = { v: 1, events: [{ body: "é" }, { body: "b" }] };

  it("is decompressed", () => {
    expect(plan(gzipSync(JSON.stringify(batch))).map(({ document }) => document.body)).toEqual(["é", "b"]);
  });

  it("that is invalid, or too large after decompression, is rejected and stored unchanged", () => {
    const whole = gzipSync(JSON.stringify(batch));
    const [broken] = plan(whole.subarray(0, -10));
    expect(broken?.violation?.reason).toBe("broken_gzip");
    expect(broken?.document.payload).toMatchObject({ bytes: whole.length - 10 });
    expect(plan(gzipSync("a".repeat(MAX_MESSAGE_BYTES)))[0]?.kind).toBe("rejected"); // its body is too long
    const [bomb] = plan(gzipSync("a".repeat(MAX_MESSAGE_BYTES + 1)));
    expect(bomb?.violation).toMatchObject({ reason: "too_large", field: "payload", limit: MAX_MESSAGE_BYTES });
  });
});

describe("fields shared by all events", () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

  it("apply a batch's traceparent to events without a trace id", () => {
    const events = [{ body: "a" }, { body: "b", traceId: "a".repeat(32) }];
    const of = (traceparent: unknown) =>
      plan({ v: 1, attributes: { traceparent }, events }).map(({ document }) => [document.traceId, document.spanId]);
    const own = ["a".repeat(32), undefined];
    expect(of(`00-${traceId}-00f067aa0ba902b7-01`)).toEqual([[traceId, "00f067aa0ba902b7"], own]);
    expect(of(`00-${traceId}-00f067aa0ba902b7`)).toEqual([[undefined, undefined], own]);
    expect(of(`00-${"0".repeat(32)}-00f067aa0ba902b7-01`)).toEqual([[undefined, undefined], own]);
    expect(of(`00-${traceId}-${"0".repeat(16)}-01`)).toEqual([[undefined, undefined], own]);
    expect(of(`ff-${traceId}-00f067aa0ba902b7-01`)).toEqual([[undefined, undefined], own]);
    expect(of(7)).toEqual([[undefined, undefined], own]);
  });

  it("use the request's User-Agent if the resource contains no user agent", () => {
    const of = (resource?: object) =>
      plan({ v: 1, resource, events: [{ body: "a" }] }, { userAgent: "Mozilla" })[0]?.document.resource;
    expect(of({ "service.name": "shop" })).toEqual({ service: { name: "shop" }, user_agent: { original: "Mozilla" } });
    expect(of({ "user_agent.original": "mine" })).toEqual({ user_agent: { original: "mine" } });
    expect(of()).toEqual({ user_agent: { original: "Mozilla" } });
  });
});

describe("derived fields", () => {
  it("include a grouping key for errors and for events with an exception only", () => {
    const groupOf = (event: object) => plan(event)[0]?.document.error?.grouping_key;
    expect(groupOf({ body: "x", severity: "error" })).toMatch(/^[0-9a-f-]{36}$/);
    expect(groupOf({ body: "x", severity: "warn", attributes: { "exception.type": "E" } })).toMatch(/^[0-9a-f-]{36}$/);
    expect(groupOf({ body: "x", severity: "warn" })).toBeUndefined();
  });

  it("include terms for event and resource attributes without a typed field", () => {
    const [event] = plan({
      v: 1,
      resource: { "service.name": "s", shard: "7" },
      events: [{ body: "", attributes: { "user.id": "u", cart: { items: 3 }, tags: ["a", true], none: null } }],
    });
    expect(event?.document.edgelog.values).toEqual(["cart.items\nMACAAAAAAAAAA", "tags\ta", "tags\ttrue", "shard\t7"]);
    expect(plan({ body: "" })[0]?.document.edgelog.values).toBeUndefined();
  });

  it("include the lag if the event has a time", () => {
    expect(plan({ body: "", time: STAMP_MS - 1_500 })[0]?.document.edgelog.lagMs).toBe(1_500);
    expect(plan({ body: "" })[0]?.document.edgelog.lagMs).toBeUndefined();
  });
});
