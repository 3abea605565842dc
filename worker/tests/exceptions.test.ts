/**
 * The exceptions of loggers, in the shapes that they write.
 */
import { describe, expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const planText = (text: string) => {
  const payload = new TextEncoder().encode(text);
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const line = (fields: object): string =>
  JSON.stringify({ time: "2025-11-23T09:00:00Z", level: "error", msg: "x", ...fields });

describe("a text", () => {
  it.each([
    ["zerolog and go-kit", line({ err: "connection refused" })],
    ["logfmt of slog and Prometheus", 'time=2025-11-23T09:00:00Z level=ERROR msg=x err="connection refused"'],
    ["a logger with `exception`", line({ exception: "connection refused" })],
  ])("of one line is the message: %s", (_name, text) => {
    const [log] = planText(text);
    expect(log.exception).toEqual({ message: "connection refused" });
  });

  it.each([
    ["several lines", line({ err: "Error: no card\n    at pay" }), "Error: no card\n    at pay"],
    ["a key of stack traces", line({ stack: "Error: no card" }), "Error: no card"],
  ])("is the stack trace if it has %s", (_name, text, stacktrace) => {
    expect(planText(text)).toMatchObject([{ exception: { stacktrace } }]);
  });
});
