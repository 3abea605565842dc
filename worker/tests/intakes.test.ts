/**
 * The decoders of the protocols of other log services.
 */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Intake } from "#contract/wire/intakes.ts";
import { MAX_RELAY_EVENTS } from "#contract/wire/limits.ts";
import { groupUnits, INTAKE_DECODERS } from "../src/ingest/decoders/intakes.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { INTAKE_ROWS } from "./support/intake-rows.ts";

/** CPU time of requests that take 0.3 s now, and once took 4 s. */
const MAX_CPU_MS = 2_000;

/** Its time is 2025-11-28T02:02:43Z. */
const STAMP = "019ac832-cc00-7000-8000-0000000000aa";

interface Planned {
  readonly id: string;
  readonly source: object;
}

const toBytes = (body: string | Uint8Array): Uint8Array => (typeof body === "string" ? Buffer.from(body) : body);

interface PlanOptions {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly stamp?: string;
  readonly requestId?: string;
  readonly app?: string;
}

const plan = (intake: Intake, body: string | Uint8Array, options: PlanOptions = {}): readonly Planned[] => {
  const { params = {}, stamp = STAMP, requestId, app = "shop" } = options;
  const units = INTAKE_DECODERS[intake].split(toBytes(body), params);
  const groups = units.ok ? groupUnits(units.value, params) : units;
  if (!groups.ok) throw new Error(groups.violation.message);
  return groups.value.flatMap((group, part) => {
    const payload = Buffer.from(group.map(({ json }) => json).join("\n"));
    const delivery = {
      stamp,
      transport: "http",
      app,
      payload,
      intake: { name: intake, params, requestId, part },
    } as const;
    return planDelivery(delivery, 30).events.map(({ newDocument }) => ({
      id: newDocument.id,
      source: JSON.parse(newDocument.source) as object,
    }));
  });
};

const idsOf = (planned: readonly Planned[]): readonly string[] => planned.map(({ id }) => id);

it.each(INTAKE_ROWS)("decodes $name", ({ intake, body, params, expected }) => {
  const planned = plan(intake, body, { params }).map(({ source }) => source);
  expect(planned).toHaveLength(expected.length);
  for (const [i, each] of expected.entries()) expect(planned[i]).toMatchObject(each);
});

describe("a request that is sent again", () => {
  const again = { stamp: STAMP.replace("aa", "ab") };

  it.each(["loki", "logplex", "vercel", "gelf_http"] as const)("has the same ids: %s", (intake) => {
    const { body = "", params } = INTAKE_ROWS.find((row) => row.intake === intake) ?? {};
    const ids = idsOf(plan(intake, body, { params }));
    expect(idsOf(plan(intake, body, { params, ...again }))).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(idsOf(plan(intake, body, { params, app: "other" }))).not.toEqual(ids);
  });

  it("has the same ids without times if the sender identifies the request", () => {
    const body = JSON.stringify({ records: [{ data: btoa("first\nsecond") }] });
    const ids = idsOf(plan("firehose", body, { requestId: "r-1" }));
    expect(idsOf(plan("firehose", body, { requestId: "r-1", ...again }))).toEqual(ids);
    expect(idsOf(plan("firehose", body, { requestId: "r-2", ...again }))).not.toEqual(ids);
  });

  it("has other ids if its content is another one, although the sender repeats the id of the request", () => {
    const toIds = (line: string): readonly string[] =>
      idsOf(plan("firehose", JSON.stringify({ records: [{ data: btoa(line) }] }), { requestId: "r-1" }));
    expect(toIds("first")).not.toEqual(toIds("second"));
  });

  it("has new ids without times, because two equal logs may be in two requests", () => {
    const body = JSON.stringify({ event: "tick" });
    expect(idsOf(plan("splunk", body))).not.toEqual(idsOf(plan("splunk", body, again)));
  });

  const invoice = { message: "invoice overdue", level: "warning", date: "2025-11-20T00:00:00Z" };

  it.each([
    ["splunk", { event: invoice }],
    ["splunk", { event: JSON.stringify({ level: "warn", msg: "overdue", datetime: "2025-11-20T00:00:00Z" }) }],
    ["datadog", [invoice]],
    ["datadog", [{ message: JSON.stringify(invoice) }]],
  ] as const)("has new ids if its only time is a date, which logs of the same invoice share: %s %j", (intake, body) => {
    const text = JSON.stringify(body);
    const [[log], [other]] = [plan(intake, text), plan(intake, text, again)];
    expect(log?.source).toMatchObject({ "@timestamp": "2025-11-20T00:00:00.000Z" });
    expect(log?.id).not.toBe(other?.id);
  });
});

it.each([
  ["a text that does not end", '{"event":"a}\n{"event":"b"}\n{"event":"c"}'],
  ["an additional brace", '{"event":"a"}}\n{"event":"b"}\n{"event":"c"}'],
  ["a text that does not end in a list", '[{"event":"a},\n{"event":"b"},\n{"event":"c"}]'],
])("stores the events after one with %s", (_name, body) => {
  const bodies = plan("splunk", body).flatMap(({ source }) => ("body" in source ? [source.body] : []));
  expect(bodies).toEqual(expect.arrayContaining(["b", "c"]));
});

it("stores two lines that name the same id, which need not be the id of a log", () => {
  const id = "3f2b8c1e-5a6d-4e7f-8a9b-0c1d2e3f4a5b";
  const [created, paid] = ["created", "paid"].flatMap((body) => {
    const values = [["1764295300123456789", JSON.stringify({ id, body })]];
    return plan("loki", JSON.stringify({ streams: [{ stream: { app: "a" }, values }] }));
  });
  expect(created?.id).not.toBe(paid?.id);
  expect(paid?.source).toMatchObject({ body: "paid", attributes: { id, app: "a" } });
});

it("stores the fields of a line once that its metadata repeat as JSON, as winston-loki sends them", () => {
  const fields = { cart: 7, big: 9_007_199_254_740_991, paid: true, nested: { a: [1, "x"] }, zip: "7" };
  const metadata = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
  const values = [["1763888400123000000", JSON.stringify({ level: "info", message: "x", ...fields }), metadata]];
  const [log] = plan("loki", JSON.stringify({ streams: [{ stream: {}, values }] }));
  expect(log?.source).toHaveProperty("attributes", fields);
});

it("stores a label that differs from the field of its line", () => {
  const values = [["1763888400123000000", JSON.stringify({ level: "info", message: "x", cart: 7 })]];
  const [log] = plan("loki", JSON.stringify({ streams: [{ stream: { cart: "07" }, values }] }));
  expect(log?.source).toHaveProperty("attributes", { cart: 7, cart_2: "07" });
});

describe("the time of a log in the request of another service", () => {
  const ms = Date.parse("2025-11-23T09:00:00.123Z");
  const date = "2025-11-20T00:00:00Z";
  const line = JSON.stringify({ level: "info", message: "x", date });
  const cloudWatch = { messageType: "DATA_MESSAGE", logEvents: [{ id: "1", timestamp: ms, message: line }] };

  it.each([
    ["loki", { streams: [{ stream: {}, values: [[`${ms}000000`, line]] }] }],
    ["loki", { streams: [{ stream: {}, values: [[`${ms}000000`, `level=info msg=x date=${date}`]] }] }],
    ["loki", { streams: [{ stream: {}, values: [[`${ms}000000`, line, { date }]] }] }],
    ["datadog", [{ timestamp: ms, message: line }]],
    ["splunk", { time: ms / 1_000, event: line }],
    ["splunk", { time: ms / 1_000, event: JSON.parse(line) as unknown }],
    ["firehose", { records: [{ data: btoa(JSON.stringify(cloudWatch)) }] }],
    ["vercel", [{ id: "1", timestamp: ms, message: line }]],
  ] as const)("is that of the protocol, and a date stays an attribute: %s %j", (intake, body) => {
    const [log] = plan(intake, JSON.stringify(body));
    expect(log?.source).toMatchObject({
      "@timestamp": "2025-11-23T09:00:00.123Z",
      body: "x",
      attributes: { date },
    });
    expect(log?.source).not.toHaveProperty("attributes.date_2");
  });

  it("is that of the logger, because a shipper can read its line later", () => {
    const [time, later] = ["2025-11-23T06:00:00Z", "2025-11-21T09:00:00Z"];
    const message = JSON.stringify({ level: "info", message: "x", time });
    const sources = [
      ...plan("loki", JSON.stringify({ streams: [{ stream: {}, values: [[`${ms}000000`, message]] }] })),
      ...plan("datadog", JSON.stringify([{ date: later, message }])),
    ].map(({ source }) => source);
    const expected = { "@timestamp": "2025-11-23T06:00:00.000Z" };
    expect(sources).toMatchObject([expected, { ...expected, attributes: { date: later } }]);
  });
});

describe("large requests", () => {
  it("become several payloads, with an id for each event", () => {
    const values = Array.from({ length: 2_500 }, () => ["1764295300123456789", "equal"]);
    const planned = plan("loki", JSON.stringify({ streams: [{ stream: { app: "a" }, values }] }));
    expect(new Set(idsOf(planned)).size).toBe(2_500);
  });

  it("become payloads whose documents are within their limit, although each repeats the labels", () => {
    const labels = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`label_${i}`, "v".repeat(80)]));
    const values = Array.from({ length: 1_000 }, (_, i) => [`17642953001234${10_000 + i}`, "x".repeat(3_000)]);
    const body = JSON.stringify({ streams: [{ stream: labels, values }] });
    expect(plan("loki", body).map(({ source }) => source)).toHaveLength(1_000);
    const logs = JSON.stringify(values.map(() => ({ message: "a" })));
    const ddtags = Array.from({ length: 100 }, (_, i) => `tag${i}:${"v".repeat(30)}`).join(",");
    expect(plan("datadog", logs, { params: { ddtags } })).toHaveLength(1_000);
  });

  it("are refused if labels make them too large", () => {
    const values = Array.from({ length: MAX_RELAY_EVENTS }, () => ["1", ""]);
    const stream = { label: "x".repeat(8_000) };
    const body = toBytes(JSON.stringify({ streams: [{ stream, values }] }));
    const violation = {
      reason: "too_large",
      message: expect.stringContaining("16777216 characters"),
      limit: 16_777_216,
    };
    expect(INTAKE_DECODERS.loki.split(body, {})).toMatchObject({ ok: false, violation });
    // Values in the query string or in headers, which all logs of the request repeat.
    const params = { ddtags: "x".repeat(1_700) };
    const logs = INTAKE_DECODERS.datadog.split(toBytes(JSON.stringify(values.map(() => ({ message: "" })))), params);
    expect(logs.ok && groupUnits(logs.value, params)).toMatchObject({ ok: false, violation });
  });

  it("are refused if the records of Firehose are too large after decompression", () => {
    const data = gzipSync(Buffer.alloc(8_388_609, "a")).toString("base64");
    const violation = { reason: "too_large", message: expect.stringContaining("8388608 bytes"), limit: 8_388_608 };
    const split = INTAKE_DECODERS.firehose.split(toBytes(JSON.stringify({ records: [{ data }] })), {});
    expect(split).toMatchObject({ ok: false, violation });
  });

  it("take a time that does not depend on labels and broken records", () => {
    const start = process.threadCpuUsage();
    const many = Array.from({ length: 680 }, (_, i) => `${i}:${i}`).join(",");
    plan("datadog", `[${Array.from({ length: 2_000 }, () => "{}").join(",")}]`, { params: { ddtags: many } });
    const data = gzipSync(Buffer.alloc(8_300_000)).subarray(0, 8_000).toString("base64");
    plan("firehose", JSON.stringify({ records: Array.from({ length: 380 }, () => ({ data })) }));
    expect(process.threadCpuUsage(start).user / 1_000).toBeLessThan(MAX_CPU_MS);
  });

  it("are refused if they have too many events", () => {
    const values = Array.from({ length: MAX_RELAY_EVENTS + 1 }, () => ["1", "a"]);
    const bodies: readonly (readonly [Intake, string])[] = [
      ["loki", JSON.stringify({ streams: [{ stream: {}, values }] })],
      ["splunk", '{"event":"a"}'.repeat(MAX_RELAY_EVENTS + 1)],
      ["datadog", JSON.stringify(values.map(() => ({ message: "a" })))],
      ["logplex", "1 a".repeat(MAX_RELAY_EVENTS + 1)],
      ["firehose", JSON.stringify({ records: [{ data: btoa("a\n".repeat(MAX_RELAY_EVENTS + 1)) }] })],
    ];
    for (const [intake, body] of bodies) {
      expect(INTAKE_DECODERS[intake].split(toBytes(body), {})).toMatchObject({
        ok: false,
        violation: { reason: "too_many_events", limit: MAX_RELAY_EVENTS },
      });
    }
  });
});
