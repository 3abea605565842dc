/**
 * Payloads for which decoding once took time or memory that grew faster than their size. Each decodes in less than 0.5 s now;
 * the bound allows for a busy machine, and each took more than 5 s at this size, or failed.
 */
import { v7 as uuidv7 } from "uuid";
import { expect, it } from "vitest";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";

const MAX_MS = 2_500;

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join("");

const STACK = `Error\\n${"@".repeat(4_000)}`;

it.each([
  ["syslog elements that do not end", `<34>1 - - - - - ["${"[a".repeat(20_000)}"]`],
  ["a syslog element without parameters", `<34>1 - - - - - [a ${"b".repeat(200_000)}]`],
  [
    "a long name of an object in ECS",
    `{"@timestamp":"2026-11-29T00:00:00Z","log":{"level":"info","${"A".repeat(100_000)}":{${times(1_000, (i) => `${i === 0 ? "" : ","}"k${i}":1`)}}}}`,
  ],
  [
    "keys that are equal after their repair",
    `{"body":"x","attributes":{${times(3_000, (i) => `${i === 0 ? "" : ","}"\\ud8${(i >> 8).toString(16).padStart(2, "0")}\\ud8${(i & 255).toString(16).padStart(2, "0")}":1`)}}}`,
  ],
  ["carriage returns in a line of CRI", `2026-11-30T20:40:00.1Z stdout F ${"\r".repeat(64_000)}x`],
  [
    "lines of Docker that continue one with many members",
    `{"log":"a\\n","stream":"stdout","time":"2026-11-30T20:40:00Z"${times(12_000, (i) => `,"k${i}":1`)}}${times(3_000, () => '\n{"log":" b\\n","stream":"stdout","time":"2026-11-30T20:40:00Z"}')}`,
  ],
  [
    "lines of CRI that continue one of spaces",
    `2026-11-30T20:40:00Z stdout F ${" ".repeat(400_000)}${times(8_000, () => "\n2026-11-30T20:40:00Z stdout F  b")}`,
  ],
  ["keys of logfmt without a value", `level=info msg="a" ${"a ".repeat(250_000)}"`],
  ["a CLEF template", `{"@t":"2026-11-29T00:00:00Z","@mt":"${"{a}".repeat(2_000)}","a":"${"x".repeat(500_000)}"}`],
  ["empty lines in GELF", `{"version":"1.1","host":"h","short_message":"x","full_message":"${"\\n".repeat(200_000)}"}`],
  [
    "equal keys in OTLP",
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[${times(20_000, (i) => `${i === 0 ? "" : ","}{"key":"a","value":{"intValue":1}}`)}]}]}]}]}`,
  ],
  ["records of flutter_logs that do not end", `${" {a}  {b}  {\n".repeat(40_000)}{a}  {b}  {x}  {y}  {INFO}`],
  [
    "stack traces of one character",
    `[${times(200, (i) => `${i === 0 ? "" : ","}{"severity":"error","body":"x","attributes":{"exception.stacktrace":"${STACK}"}}`)}]`,
  ],
])("takes time proportional to its size: %s", (_name, text) => {
  const takenMs = measureCpuMs(() => {
    const payload = new TextEncoder().encode(text);
    const { events } = planDelivery({ stamp: uuidv7(), transport: "mqtt", app: "shop", client: "c", payload }, 30);
    expect(events.length).toBeGreaterThan(0);
  });
  expect(takenMs).toBeLessThan(MAX_MS);
});
