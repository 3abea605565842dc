/**
 * Small requests whose events share something large. Its cost must not be paid for each event: a few such messages would occupy the
 * Worker for minutes.
 */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MAX_BATCH_EVENTS } from "#contract/wire/limits.ts";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";
import { PayloadIds } from "../src/ingest/event-identity.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const STAMP = "019ac832-cc00-7000-8000-0000000000aa";
const ID = "019ac832-cc00-7000-8000-0000000000bb";

const plan = (payload: object) =>
  planDelivery({ stamp: STAMP, transport: "mqtt", app: "shop", payload: gzipSync(JSON.stringify(payload)) }, 30).events;

const records = Array.from({ length: MAX_BATCH_EVENTS - 1 }, (_, i) => ({ body: { stringValue: `record ${i}` } }));
const toOtlp = (scope: object, logRecords: readonly object[] = records): object => ({
  resourceLogs: [{ scopeLogs: [{ scope, logRecords }] }],
});
const pairs = (count: number, value: string): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: { stringValue: value } }));
const others = (event: object): readonly object[] => Array.from({ length: MAX_BATCH_EVENTS - 1 }, () => event);

// Generous bounds: each of these took 1.6 to 16 s before the cost was paid once.
it.each([
  ["10,000 attributes of a scope", toOtlp({ attributes: pairs(10_000, "v") })],
  ["a scope with a long name", toOtlp({ name: "n".repeat(900_000) })],
  ["long attributes of a scope", toOtlp({ attributes: pairs(110, "v".repeat(8_000)) })],
  [
    "a stack trace that is slow to normalise",
    {
      v: 1,
      attributes: { "exception.stacktrace": `at ${"-".repeat(4_090)}` },
      events: [{ body: "x" }, ...others({ body: "x" })],
    },
  ],
  [
    "the id of a large event",
    {
      v: 1,
      events: [
        {
          id: ID,
          body: "x",
          attributes: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, '"'.repeat(4_500)])),
        },
        ...others({ id: ID, body: "y" }),
      ],
    },
  ],
])("%s: the events are planned in little time", (_, payload) => {
  let count = 0;
  const takenMs = measureCpuMs(() => {
    count = plan(payload).length;
  });
  expect(count).toBeGreaterThan(0);
  expect(takenMs).toBeLessThan(1_200);
});

describe("a scope", () => {
  it("is shortened once, and the first event has the texts that were cut off", () => {
    const [first, second] = plan(toOtlp({ name: "n".repeat(10_000), version: "1" }, records.slice(0, 2))).map(
      ({ newDocument }) => JSON.parse(newDocument.source),
    );
    expect(first.attributes["otel.scope.name"]).toMatch(/^n+…$/);
    expect(second.attributes).toEqual(first.attributes);
    expect(first.edgelog.shortened).toMatchObject([{ field: "attributes.otel.scope.name", rest: expect.any(String) }]);
    expect(second.edgelog.shortened).toEqual([{ field: "attributes.otel.scope.name", length: 10_000 }]);
  });

  it("does not replace attributes of a record", () => {
    const record = {
      body: { stringValue: "x" },
      attributes: [{ key: "otel.scope.name", value: { stringValue: "own" } }],
    };
    const [event] = plan(toOtlp({ name: "library" }, [record]));
    expect(JSON.parse(event?.newDocument.source ?? "").attributes).toEqual({
      "otel.scope.name": "own",
      "otel.scope.name_2": "library",
    });
  });
});

it("the content of an event is serialized once for all events with its id", () => {
  let calls = 0;
  const large = {
    toJSON: () => {
      calls += 1;
      return "large";
    },
  };
  const ids = new PayloadIds();
  ids.claim(ID, large);
  const claimed = Array.from({ length: 100 }, () => ids.claim(ID, { body: "small" }));
  expect(new Set(claimed).size).toBe(1);
  expect(claimed).not.toContain(ID);
  expect(calls).toBe(1);
});
