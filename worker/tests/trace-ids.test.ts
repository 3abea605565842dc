/**
 * The trace and span ids of loggers, under the names and in the maps in which they write them.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

const plan = (line: object) => {
  const payload = new TextEncoder().encode(JSON.stringify(line));
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const ecs = { "@timestamp": "2025-11-23T09:00:00Z", "log.level": "INFO", "ecs.version": "1.2.0", message: "x" };
const plain = { timestamp: "2025-11-23T09:00:00Z", level: "INFO", message: "x" };
const google = { timestamp: "2025-11-23T09:00:00Z", severity: "INFO", message: "x" };
const instant = { epochSecond: 1_763_888_400, nanoOfSecond: 0 };
const log4j = { instant, level: "INFO", loggerName: "shop", message: "x" };
const logstash = { "@timestamp": "2025-11-23T09:00:00Z", "@version": "1", level: "INFO", message: "x" };

describe("the ids of a trace", () => {
  it.each([
    ["logback-ecs-encoder and ecs_logging with OpenTelemetry", { ...ecs, trace_id: TRACE, span_id: SPAN }],
    ["Spring Boot's ECS with Micrometer", { ...ecs, traceId: TRACE, spanId: SPAN }],
    ["Log4j's JsonLayout and JsonTemplateLayout", { ...log4j, contextMap: { trace_id: TRACE, span_id: SPAN } }],
    ["Log4j's layout for Logstash", { ...logstash, mdc: { trace_id: TRACE, span_id: SPAN } }],
    ["Quarkus and Logback's JsonEncoder", { ...plain, mdc: { traceId: TRACE, spanId: SPAN } }],
    ["loki4j", { ...plain, mdc_trace_id: TRACE, mdc_span_id: SPAN }],
    [
      "Log4j's layout for Google Cloud",
      { ...google, "logging.googleapis.com/trace": TRACE, "logging.googleapis.com/spanId": SPAN },
    ],
  ])("of %s", (_name, line) => {
    const [log] = plan(line);
    expect(log).toMatchObject({ body: "x", traceId: TRACE, spanId: SPAN });
    expect(JSON.stringify(log.attributes ?? {})).not.toContain(TRACE);
  });

  it("of Google Cloud's name of a trace, which stays an attribute", () => {
    const name = `projects/shop/traces/${TRACE}`;
    expect(plan({ ...google, "logging.googleapis.com/trace": name })).toMatchObject([
      { traceId: TRACE, attributes: { "logging.googleapis.com/trace": name } },
    ]);
  });

  it("leave the other entries of a context", () => {
    expect(plan({ ...plain, mdc: { traceId: TRACE, user: "u-1", spanId: "?" } })).toMatchObject([
      { traceId: TRACE, attributes: { mdc: { user: "u-1", spanId: "?" } } },
    ]);
  });

  it("of the line come before those of a context", () => {
    const other = "0af7651916cd43dd8448eb211c80319c";
    expect(plan({ ...plain, trace_id: TRACE, mdc: { trace_id: other } })).toMatchObject([
      { traceId: TRACE, attributes: { mdc: { trace_id: other } } },
    ]);
    expect(plan({ ...ecs, "trace.id": TRACE, trace_id: other, span_id: SPAN })).toMatchObject([
      { traceId: TRACE, attributes: { trace_id: other, span_id: SPAN } },
    ]);
  });

  it("that cannot be converted stay attributes", () => {
    const [log] = plan({ ...ecs, trace_id: "order 7" });
    expect(log).toMatchObject({ attributes: { trace_id: "order 7" } });
    expect(log.traceId).toBeUndefined();
  });
});
