import { gzipSync } from "node:zlib";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, it } from "vitest";
import { eraseUser } from "../src/erase/erase-user.ts";
import { withErasedUsers } from "../src/erase/erased-users.ts";
import { findUsers, findUsersInBytes } from "../src/ingest/find-users.ts";
import { createNotAdmittedSummary } from "../src/ingest/not-admitted.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import type { StoreClient } from "../src/opensearch/client.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";

const DAY = 86_400_000;
const ERASED_AT = Date.UTC(2026, 10, 29, 12);

const toEvent = (attributes: object, timeMs?: number): object => ({
  ...(timeMs === undefined ? {} : { time: new Date(timeMs).toISOString() }),
  severity: "info",
  body: "page opened",
  attributes,
});

const planPayload = (app: string, sent: object | Uint8Array) => {
  const openAdmission = withErasedUsers((user) => (user === "u-1042" ? ERASED_AT : undefined), undefined);
  const payload = sent instanceof Uint8Array ? sent : new TextEncoder().encode(JSON.stringify(sent));
  const stamp = uuidv7({ msecs: ERASED_AT + DAY });
  return planDelivery({ stamp, transport: "mqtt", app, client: "c", payload }, 30, openAdmission());
};

const plan = (app: string, ...events: readonly object[]) => planPayload(app, events);

describe("logs of an erased user", () => {
  it("are rejected without their payload if they are older than the erasure", () => {
    const { events, notAdmitted = [] } = plan(
      "shop",
      toEvent({ "user.id": "u-1042" }, ERASED_AT - DAY),
      toEvent({ "user.email": "u-1042" }, ERASED_AT),
      toEvent({ "user.id": "u-1042" }, ERASED_AT + 1),
      toEvent({ "user.id": "u-1" }, ERASED_AT - DAY),
      toEvent({}, ERASED_AT - DAY),
    );
    expect(notAdmitted.map(({ position, violation }) => [position, violation?.reason])).toEqual([
      [0, "erased"],
      [1, "erased"],
    ]);
    expect(events.map(({ kind, position }) => [kind, position])).toEqual([
      ["log", 2],
      ["log", 3],
      ["log", 4],
    ]);
    expect(JSON.stringify(notAdmitted)).not.toContain("page opened");
  });

  it.each([
    ["an old time", { severity: "loud", time: new Date(ERASED_AT - DAY).toISOString() }, "erased"],
    ["a time that cannot be read", { time: "yesterday" }, "erased"],
    ["a newer time", { severity: "loud", time: new Date(ERASED_AT + 1).toISOString() }, "invalid_event"],
    ["no time", { severity: "loud" }, "invalid_event"],
  ])("are refused even if the event is invalid: %s", (_, fields, reason) => {
    const { events, notAdmitted = [] } = plan(
      "shop",
      { ...toEvent({ "user.id": "u-1042" }), ...fields },
      { ...toEvent({ "user.id": "u-1" }), severity: "loud" },
    );
    const all = [...events, ...notAdmitted].toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
    expect(all.map(({ violation }) => (violation?.reason === "erased" ? "erased" : "invalid_event"))).toEqual([
      reason,
      "invalid_event",
    ]);
    expect(JSON.stringify(events).includes("u-1042")).toBe(reason !== "erased");
    expect(JSON.stringify(events)).toContain("u-1");
  });

  it.each([
    ["a nested object", toEvent({ user: { id: "u-1042" } }, ERASED_AT - DAY)],
    ["a list", toEvent({ "user.id": ["u-1042"] }, ERASED_AT - DAY)],
    [
      "the resource",
      { v: 1, resource: { "user.id": "u-1042" }, events: [toEvent({}, ERASED_AT - DAY), toEvent({}, ERASED_AT - DAY)] },
    ],
  ])("are rejected if the user is in %s", (_, payload) => {
    const { events, notAdmitted = [] } = "v" in payload ? planPayload("shop", payload) : plan("shop", payload);
    expect(events).toEqual([]);
    expect(notAdmitted[0]?.violation?.reason).toBe("erased");
  });

  const tooMany = Array.from({ length: 1_001 }, (_, i) => i);
  const toUserEvent = (user: string): object => toEvent({ "user.id": user });
  const toOtlp = (user: string): object => ({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: tooMany.map(() => ({
              body: { stringValue: "page opened" },
              attributes: [{ key: "user.id", value: { stringValue: user } }],
            })),
          },
        ],
      },
    ],
  });

  it.each<[string, (user: string) => object | Uint8Array]>([
    ["a batch", (user) => ({ v: 1, events: tooMany.map(() => toUserEvent(user)) })],
    ["gzip", (user) => gzipSync(JSON.stringify({ v: 1, events: tooMany.map(() => toUserEvent(user)) }))],
    ["OTLP", toOtlp],
    [
      "a batch of many users",
      (user) => ({ v: 1, events: tooMany.map((i) => toUserEvent(i === 1_000 ? user : `u${i}`)) }),
    ],
  ])("are not kept in a payload that is rejected as a whole: %s", (_, toPayload) => {
    const toDocument = (user: string): Readonly<Record<string, unknown>> =>
      JSON.parse(planPayload("shop", toPayload(user)).events[0]?.newDocument.source ?? "") as Record<string, unknown>;
    expect(toDocument("u-1042")).toMatchObject({ reason: "too_many_events", payload: { bytes: expect.any(Number) } });
    expect(Object.keys(toDocument("u-1042")["payload"] as object)).toEqual(["bytes"]);
    const other = toDocument("u-7");
    expect(Object.keys(other["payload"] as object)).toHaveLength(2);
    expect(other["users"]).toContain("u-7");
  });

  it("are not kept in gzip that cannot be read, which may name any user", () => {
    const broken = gzipSync(JSON.stringify(toUserEvent("u-1042"))).subarray(0, -9);
    const source = planPayload("shop", broken).events[0]?.newDocument.source ?? "";
    expect(JSON.parse(source)).toMatchObject({ reason: "broken_gzip", payload: { bytes: broken.byteLength } });
    expect(source).not.toContain("base64");
  });

  it("are counted in one document without a payload, also with invalid events", () => {
    const delivery = { stamp: uuidv7({ msecs: ERASED_AT }), transport: "http", app: "shop", payload: new Uint8Array() };
    const summary = createNotAdmittedSummary({ ...delivery, transport: "http" });
    const violation = { reason: "erased", message: "The logs of this user were erased." } as const;
    summary.add({ kind: "rejected", violation });
    summary.add({ kind: "rejected", violation, severity: "info" });
    expect(JSON.parse(summary.toDocument().source)).toMatchObject({
      reason: "erased",
      event: { count: 2, severities: { info: 1 } },
      payload: { bytes: 0 },
    });
  });

  it("are not kept as a payload that cannot be read", () => {
    const toDocument = (user: string): unknown => {
      const openAdmission = withErasedUsers((user) => (user === "u-1042" ? ERASED_AT : undefined), undefined);
      const payload = new TextEncoder().encode(`[{"attributes":{"user.id":"${user}"},"body":`);
      const stamp = uuidv7({ msecs: ERASED_AT + DAY });
      const delivery = { stamp, transport: "mqtt", app: "shop", client: "c", payload } as const;
      const { events } = planDelivery({ ...delivery, setAside: true }, 30, openAdmission());
      return JSON.parse(events[0]?.newDocument.source ?? "");
    };
    expect(toDocument("u-1042")).toMatchObject({ reason: "internal", payload: { bytes: 43 } });
    expect(JSON.stringify(toDocument("u-1042"))).not.toContain("u-1042");
    expect(toDocument("u-1")).toMatchObject({ payload: { text: expect.stringContaining("u-1") }, users: ["u-1"] });
  });

  it("are recognized after a year, when their time has been replaced with that of arrival", () => {
    const { notAdmitted } = plan("shop", toEvent({ "user.id": "u-1042" }, ERASED_AT - 390 * DAY));
    expect(notAdmitted).toHaveLength(1);
  });
});

it("an erasure refreshes the indices first, so that it finds logs that were just stored", async () => {
  const paths: string[] = [];
  const body = { deleted: 0, hits: { total: { value: 0 }, hits: [] }, _shards: { total: 1, successful: 1, failed: 0 } };
  const request: StoreClient["request"] = async (_, path) => {
    paths.push(path.replace(/\?.*/, ""));
    return { status: 200, body: path.startsWith("/_cat") ? [] : body };
  };
  const client: StoreClient = {
    request,
    requestWithin: (_, ...args) => request(...args),
    postLines: async () => ({ status: 200, body }),
  };
  await eraseUser(
    client,
    { put: async () => undefined },
    { user: "u-1042", apps: ["shop"], by: "test", nowMs: ERASED_AT },
  );
  const refreshed = paths.indexOf("/logs-*,rejected-*/_refresh");
  expect(refreshed).toBeGreaterThan(-1);
  expect(paths.findIndex((path) => path.includes("_delete_by_query"))).toBeGreaterThan(refreshed);
});

describe(findUsers, () => {
  it.each([
    ["an event", '{"attributes":{"user.id":"u-1042"}}', ["u-1042"]],
    ["a malformed event", '{"attributes":{"user.id" : "u-1042",', ["u-1042"]],
    ["an object", '{"user":{"name":"A","id":7,"email":"a@b.c"}}', ["7", "a@b.c"]],
    ["other spellings", '{"userId":"a","user_id":"b","enduser.id":"c"}', ["a", "b", "c"]],
    ["escapes", String.raw`{"user.id":"\u00fc\"x"}`, ['ü"x']],
    [
      "OTLP",
      '{"key" : "user.id", "value": {"stringValue": "a"}},{"key":"enduser.id","value":{"intValue":"7"}}',
      ["a", "7"],
    ],
    ["no user", '{"id":"u-1042","body":"user.id"}', []],
  ])("finds the users in %s", (_, text, expected) => expect(findUsers(text)).toEqual(expected));

  it.each(["u-1042", "müller@example.com", "\u{1f600}"])("finds the user %s in OTLP in protobuf", (user) => {
    const value = Buffer.from(user);
    const string = Buffer.concat([Buffer.from([0x0a, value.length]), value]);
    const key = Buffer.from("\n\u0007user.id");
    const field = Buffer.concat([key, Buffer.from([0x12, string.length]), string]);
    expect(findUsersInBytes(Buffer.concat([Buffer.from([0xff, 0x0a, field.length]), field]))).toEqual([user]);
  });

  it("is bounded in number and time", () => {
    const many = Array.from({ length: 3_000 }, (_, i) => `"user.id":"${i}"`).join(",");
    expect(findUsers(many)).toHaveLength(2_000);
    const takenMs = measureCpuMs(() => {
      findUsers('"user":{'.repeat(130_000));
      findUsers(`"user.id":"${"\\".repeat(1_000_000)}`);
      findUsers(`"user.id"${" ".repeat(1_000_000)}`);
      findUsers('"key":"user.id"'.repeat(70_000));
      findUsers(`"key":"user.id"${" ".repeat(1_000_000)}`);
      findUsersInBytes(Buffer.from("user.id\u0012\u0008\n\u0006".repeat(90_000)));
    });
    expect(takenMs).toBeLessThan(2_000);
  });
});
