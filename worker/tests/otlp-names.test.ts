/**
 * Names of OpenTelemetry's older semantic conventions.
 */
import { expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const planAttributes = (attributes: readonly object[]) => {
  const record = { timeUnixNano: "1763888400000000000", attributes };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  const payload = new TextEncoder().encode(JSON.stringify(request));
  const stamp = "019ab0a5-4a00-7000-8000-0000000000aa";
  const { events } = planDelivery({ stamp, transport: "http", app: "shop", payload }, 365);
  return events.map(({ newDocument }) => JSON.parse(newDocument.source));
};

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

const older = [
  text("code.filepath", "Pay.java"),
  { key: "code.lineno", value: { intValue: "12" } },
  text("code.function", "run"),
];

it("older names of the place of a call, as OpenTelemetry for Java sends them, are read", () => {
  expect(planAttributes(older)).toMatchObject([
    { code: { file: { path: "Pay.java" }, line: { number: 12 }, function: { name: "run" } } },
  ]);
});

it("an older name replaces no present one", () => {
  expect(planAttributes([...older, text("code.file.path", "Card.java")])).toMatchObject([
    { code: { file: { path: "Card.java" } }, attributes: { "code.filepath": "Pay.java" } },
  ]);
});
