/**
 * Small requests whose events share something large. Its cost must not be paid for each event: a few such messages would occupy the
 * Worker for minutes.
 */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { measureCpuMs } from "../../tests/support/measure-cpu.ts";
import { COSTLY_PAYLOADS } from "../../tests/support/security/costly-payloads.ts";
import { PayloadIds } from "../src/ingest/event-identity.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";

const STAMP = "019ac832-cc00-7000-8000-0000000000aa";
const ID = "019ac832-cc00-7000-8000-0000000000bb";

const plan = (payload: object) =>
  planDelivery({ stamp: STAMP, transport: "mqtt", app: "shop", payload: gzipSync(JSON.stringify(payload)) }, 30).events;

const toOtlp = (scope: object, logRecords: readonly object[]): object => ({
  resourceLogs: [{ scopeLogs: [{ scope, logRecords }] }],
});

// Generous bound: each of these took 1.6 to 16 s before the cost was paid once.
it.each(COSTLY_PAYLOADS)("$name: the events are planned in little time", ({ payload }) => {
  let count = 0;
  const takenMs = measureCpuMs(() => {
    count = plan(payload).length;
  });
  expect(count).toBeGreaterThan(0);
  expect(takenMs).toBeLessThan(1_200);
});

describe("a scope", () => {
  it("is shortened once, and the first event has the texts that were cut off", () => {
    const [first, second] = plan(toOtlp({ name: "n".repeat(10_000), version: "1" }, [{}, {}])).map(({ newDocument }) =>
      JSON.parse(newDocument.source),
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

it("a resource has the attributes of one event only in the document of this event", () => {
  const events = [{ body: "a" }, { body: "b", attributes: { "service.version": "9.9" } }, { body: "c" }];
  const documents = plan({ v: 1, resource: { "service.name": "shop" }, events }).map(({ newDocument: { source } }) => {
    const { bytes } = JSON.parse(source).edgelog;
    expect(source.length).toBe(bytes + `,"bytes":${bytes}`.length);
    return JSON.parse(source);
  });
  const [service, extended] = [{ name: "shop" }, { name: "shop", version: "9.9" }];
  expect(documents.map(({ resource }) => resource.service)).toEqual([service, extended, service]);
  expect(documents[1].attributes).toBeUndefined();
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
