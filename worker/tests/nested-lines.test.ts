/**
 * JSON without its own level and time inside of other events, which have both.
 */
import { expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

/** Its time is 2025-11-28T02:02:43Z. */
const STAMP = "019ac832-cc00-7000-8000-0000000000aa";
const TIME = "2025-11-28T02:00:00.000Z";
const MS = Date.parse(TIME);
const TRACE_ID = "5b8efff798038103d269b633813fc60c";

type Options = Pick<Parameters<typeof planDelivery>[0], "intake">;

const plan = (payload: object | string, options: Options = {}): unknown => {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const delivery = { stamp: STAMP, transport: "http", app: "shop", payload: Buffer.from(text), ...options } as const;
  const [event] = planDelivery(delivery, 30).events;
  return JSON.parse(event?.newDocument.source ?? "");
};

const intake = (name: "loki" | "datadog" | "splunk"): Options => ({ intake: { name, params: {}, part: 0 } });

/** As tracing-loki writes it: the level is a label. */
const LINE = JSON.stringify({ message: "payment failed", error: "no card", trace_id: TRACE_ID, order: 7 });

it.each<[string, object | string, Options?]>([
  ["Loki", { stream: { level: "error" }, values: [[`${MS}000000`, LINE]] }, intake("loki")],
  ["Datadog", { message: LINE, status: "error", timestamp: MS }, intake("datadog")],
  ["Splunk", { time: MS / 1_000, event: LINE, fields: { severity: "error" } }, intake("splunk")],
])("is a line with the level of the event of %s", (_name, payload, options) => {
  expect(plan(payload, options)).toMatchObject({
    "@timestamp": TIME,
    severity: { text: "error" },
    body: "payment failed",
    traceId: TRACE_ID,
    exception: { message: "no card" },
    attributes: { order: 7 },
  });
});

it.each<[string, object | string]>([
  ["Docker", { log: `${LINE}\n`, stream: "stdout", time: TIME }],
  ["CRI", `${TIME} stdout F ${LINE}`],
])("is a line with the time of the line of %s", (_name, payload) => {
  expect(plan(payload)).toMatchObject({ "@timestamp": TIME, body: "payment failed", traceId: TRACE_ID });
});

it.each([
  ["has no message", '{"order":7}'],
  ["has a value that is too long for an attribute", JSON.stringify({ message: "a", cart: "x".repeat(9_000) })],
  ["names a service", '{"message":"a","service":"billing"}'],
])("stays text if it %s", (_note, log) => {
  expect(plan({ log: `${log}\n`, stream: "stdout", time: TIME })).toMatchObject({ body: log });
});
