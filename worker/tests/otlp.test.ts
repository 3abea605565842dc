/**
 * OTLP requests, as the specification and the exporters write them.
 */
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOGS_DESCRIPTOR } from "../src/ingest/otlp/logs-descriptor.ts";
import type { LogsParts } from "../src/ingest/otlp/part-writer.ts";
import {
  countProtobufRecords,
  readProtobufParts,
  writeLogsResponse,
  writeStatus,
} from "../src/ingest/otlp/protobuf.ts";
import { countRecords, splitRequest } from "../src/ingest/otlp/split-request.ts";
import { planDelivery } from "../src/ingest/plan-delivery.ts";
import { eventIdOf } from "./support/event-id-of.ts";
import { attributePairs, recordPairs, withoutDefaults } from "./support/otlp-records.ts";

/** Its time is 2025-11-28T02:02:43Z. */
const STAMP = "019ac832-cc00-7000-8000-0000000000aa";
const NANOS = "1764295300123456789";

interface Planned {
  readonly kind: string;
  readonly source: Record<string, unknown>;
  /** Id of the event. */
  readonly id: string;
}

const planText = (text: string, app = "shop", stamp = STAMP): readonly Planned[] => {
  const payload = new TextEncoder().encode(text);
  const { events } = planDelivery({ stamp, transport: "http", app, payload }, 30);
  return events.map(({ kind, newDocument }) => ({
    kind,
    id: eventIdOf(newDocument),
    source: JSON.parse(newDocument.source) as Record<string, unknown>,
  }));
};

const toRequest = (...logRecords: readonly object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

const partsOf = (parts: LogsParts): readonly object[] | undefined =>
  parts.ok ? parts.parts.map((part) => JSON.parse(part) as object) : undefined;

const planRecord = (record: object): Record<string, unknown> => {
  const [event] = planText(JSON.stringify(toRequest({ timeUnixNano: NANOS, ...record })));
  expect(event?.kind).toBe("log");
  return event?.source ?? {};
};

describe("an OTLP request", () => {
  it("keeps all fields of resource, scope and record", () => {
    const request = {
      resourceLogs: [
        {
          resource: {
            attributes: [{ key: "service.name", value: { stringValue: "checkout" } }],
            droppedAttributesCount: 2,
          },
          schemaUrl: "https://opentelemetry.io/schemas/1.38.0",
          scopeLogs: [
            {
              scope: { name: "pay", version: "1.2", attributes: [{ key: "team", value: { stringValue: "a" } }] },
              logRecords: [
                {
                  timeUnixNano: NANOS,
                  severityNumber: 18,
                  severityText: "ERROR2",
                  body: { stringValue: "Payment failed" },
                  eventName: "payment",
                  attributes: [{ key: "exception.type", value: { stringValue: "TypeError" } }],
                  droppedAttributesCount: 3,
                  flags: 1,
                  traceId: "5B8EFFF798038103D269B633813FC60C",
                  spanId: "EEE19B7EC3C1B174",
                },
              ],
            },
          ],
        },
      ],
    };
    expect(planText(JSON.stringify(request))[0]?.source).toMatchObject({
      "@timestamp": expect.stringMatching(/\.123456789Z$/),
      body: "Payment failed",
      severity: { text: "error" },
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: "eee19b7ec3c1b174",
      exception: { type: "TypeError" },
      attributes: {
        "event.name": "payment",
        "log.level": "ERROR2",
        "log.record.severity_number": 18,
        "log.record.dropped_attributes_count": 3,
        "trace.flags": 1,
        "otel.scope.name": "pay",
        "otel.scope.version": "1.2",
        "otel.scope.team": "a",
      },
      edgelog: { dialect: "otlp", nanos: 456_789 },
    });
    expect(JSON.stringify(planText(JSON.stringify(request))[0]?.source["resource"])).toMatch(
      /checkout.*otel\.resource\.dropped_attributes_count.*schemas/,
    );
  });

  it.each([
    ["an integer as a string", { intValue: "17" }, 17],
    ["an integer as a number", { intValue: 17 }, 17],
    ["an integer that a double cannot represent", { intValue: "9223372036854775807" }, "9223372036854775807"],
    ["a double", { doubleValue: 1.5 }, 1.5],
    ["a double that is not a number", { doubleValue: "NaN" }, "NaN"],
    ["a boolean", { boolValue: false }, false],
    ["bytes", { bytesValue: "AQID" }, "AQID"],
    ["an array", { arrayValue: { values: [{ intValue: "1" }, { stringValue: "a" }, {}] } }, [1, "a", null]],
    ["an empty array", { arrayValue: {} }, []],
    ["a map", { kvlistValue: { values: [{ key: "a", value: { boolValue: true } }] } }, { a: true }],
    ["null", {}, null],
    ["an unknown kind", { laterValue: 1 }, { laterValue: 1 }],
  ])("has %s as an attribute", (_name, value, expected) => {
    expect(planRecord({ attributes: [{ key: "x", value }] })).toMatchObject({ attributes: { x: expected } });
  });

  it.each([
    ["a text", { stringValue: "text" }, "text"],
    ["a map", { kvlistValue: { values: [{ key: "a", value: { intValue: 1 } }] } }, '{"a":1}'],
    ["a number", { intValue: "5" }, "5"],
    ["a number that a double cannot represent", { intValue: "9223372036854775807" }, "9223372036854775807"],
    ["nothing", undefined, ""],
  ])("has %s as the body", (_name, body, expected) => {
    expect(planRecord({ body })).toMatchObject({ body: expected });
  });

  it.each([
    [0, "", "info"],
    [1, "", "trace"],
    [8, "", "debug"],
    [16, "", "warn"],
    [24, "", "fatal"],
    [99, "warn", "warn"],
    [undefined, "SEVERE", "error"],
  ])("has the severity of number %j and text %j", (severityNumber, severityText, expected) => {
    expect(planRecord({ severityNumber, severityText })).toMatchObject({ severity: { text: expected } });
  });

  it("uses the observed time if there is no other", () => {
    expect(planRecord({ timeUnixNano: "0", observedTimeUnixNano: NANOS })["@timestamp"]).toMatch(/\.123456789Z$/);
  });

  it("uses log.record.uid as the id", () => {
    const uuid = "019ac832-cc00-7000-8000-0000000000bb";
    const uid = (stringValue: string) => ({ attributes: [{ key: "log.record.uid", value: { stringValue } }] });
    const [first, second, third] = planText(
      JSON.stringify(toRequest(uid(uuid), uid("01ARZ3NDEKTSV4RRFFQ69G5FAV"), uid("01ARZ3NDEKTSV4RRFFQ69G5FAV"))),
    );
    expect(first?.id).toBe(uuid);
    expect(second?.id).toMatch(/^[\da-f-]{36}$/);
    expect(third?.id).toBe(second?.id);
  });

  it("has the same ids when it is sent again, and other ids in another app", () => {
    const text = JSON.stringify(toRequest({ timeUnixNano: NANOS }, { timeUnixNano: NANOS }));
    const idsOf = (app: string, stamp: string) => planText(text, app, stamp).map(({ id }) => id);
    const ids = idsOf("shop", STAMP);
    expect(new Set(ids).size).toBe(2);
    expect(idsOf("shop", STAMP.replace("aa", "ab"))).toEqual(ids);
    expect(idsOf("other", STAMP)).not.toEqual(ids);
  });

  it("has new ids when it is sent again without times", () => {
    const text = JSON.stringify(toRequest({ body: { stringValue: "a" } }));
    expect(planText(text)[0]?.id).not.toBe(planText(text, "shop", STAMP.replace("aa", "ab"))[0]?.id);
  });

  it("is split in the order of its records", () => {
    const records = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ flags: from + i }));
    const request = {
      resourceLogs: [
        { resource: { a: 1 }, scopeLogs: [{ logRecords: records(0, 3) }, { logRecords: records(3, 5) }] },
        { resource: { a: 2 }, scopeLogs: [{ logRecords: records(5, 7) }] },
      ],
    };
    const parts = partsOf(splitRequest(request, 4));
    expect(countRecords(request)).toBe(7);
    expect(parts).toEqual([
      {
        resourceLogs: [
          { resource: { a: 1 }, scopeLogs: [{ logRecords: records(0, 3) }, { logRecords: records(3, 4) }] },
        ],
      },
      {
        part: 4,
        resourceLogs: [
          { resource: { a: 1 }, scopeLogs: [{ logRecords: records(4, 5) }] },
          { resource: { a: 2 }, scopeLogs: [{ logRecords: records(5, 7) }] },
        ],
      },
    ]);
  });
});

describe("protobuf", () => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(LOGS_DESCRIPTOR, "base64")));
  const messageOf = (name: string) => {
    const schema = registry.getMessage(name);
    if (schema === undefined) throw new Error(`no ${name}`);
    return schema;
  };
  const requestSchema = messageOf("opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest");

  const encode = (record: object): Uint8Array =>
    toBinary(requestSchema, create(requestSchema, { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));

  const encodeResource = (key: string, stringValue: string): Uint8Array => {
    const attributes = [{ key, value: { value: { case: "stringValue", value: stringValue } } }];
    return toBinary(requestSchema, create(requestSchema, { resourceLogs: [{ resource: { attributes } }] }));
  };

  it("is the same request as in JSON", () => {
    const bytes = encode({
      timeUnixNano: BigInt(NANOS),
      severityNumber: 17,
      traceId: Buffer.from("5b8efff798038103d269b633813fc60c", "hex"),
      spanId: Buffer.from("eee19b7ec3c1b174", "hex"),
      body: { value: { case: "stringValue", value: "Grüße 😀" } },
      attributes: [{ key: "n", value: { value: { case: "intValue", value: 9_007_199_254_740_993n } } }],
    });
    expect(partsOf(readProtobufParts(bytes, 10))).toEqual([
      toRequest({
        timeUnixNano: NANOS,
        severityNumber: 17,
        traceId: "5b8efff798038103d269b633813fc60c",
        spanId: "eee19b7ec3c1b174",
        body: { stringValue: "Grüße 😀" },
        attributes: [{ key: "n", value: { intValue: "9007199254740993" } }],
      }),
    ]);
    expect(partsOf(readProtobufParts(new Uint8Array(), 10))).toEqual([]);
  });

  it("is split in the order of its records", () => {
    const records = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ flags: from + i }));
    const scopeLogs = [{ scope: { name: "s" }, logRecords: records(1, 4) }, { logRecords: records(4, 6) }];
    const resourceLogs = [
      { schemaUrl: "a", scopeLogs },
      { schemaUrl: "b", scopeLogs: [{ logRecords: records(6, 8) }] },
    ];
    const bytes = toBinary(requestSchema, create(requestSchema, { resourceLogs }));
    expect(countProtobufRecords(bytes)).toBe(7);
    expect(partsOf(readProtobufParts(bytes, 4))).toEqual([
      {
        resourceLogs: [{ schemaUrl: "a", scopeLogs: [scopeLogs[0], { logRecords: records(4, 5) }] }],
      },
      {
        part: 4,
        resourceLogs: [
          { schemaUrl: "a", scopeLogs: [{ logRecords: records(5, 6) }] },
          { schemaUrl: "b", scopeLogs: [{ logRecords: records(6, 8) }] },
        ],
      },
    ]);
    expect(partsOf(readProtobufParts(bytes, 10))).toEqual([{ resourceLogs }]);
  });

  it("may have the fields of a message in any order, and a message in several pieces", () => {
    const ofScope = (name: string) =>
      toBinary(requestSchema, create(requestSchema, { resourceLogs: [{ scopeLogs: [{ scope: { name } }] }] }));
    const [resource, record] = [encodeResource("service.name", "shop"), encode({ flags: 1 })];
    // The contents of two `ResourceLogs` in one: the resource is after the scopes.
    const content = Buffer.concat([
      record.subarray(2),
      resource.subarray(2),
      encodeResource("region", "eu").subarray(2),
    ]);
    const bytes = Buffer.concat([Buffer.from([0x0a, content.length]), content]);
    const attributes = ["service.name", "region"].map((key) => expect.objectContaining({ key }));
    expect(partsOf(readProtobufParts(bytes, 10))).toEqual([
      { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [{ flags: 1 }] }] }] },
    ]);
    expect(partsOf(readProtobufParts(ofScope("no records"), 10))).toEqual([]);
  });

  it("has the same fields as in JSON, for any record of the official schema", () => {
    fc.assert(
      fc.property(fc.array(recordPairs, { minLength: 1, maxLength: 4 }), attributePairs, (records, attributes) => {
        const resourceLogs = [
          {
            resource: { attributes: attributes.map(({ message }) => message) },
            scopeLogs: [{ logRecords: records.map(({ message }) => message) }],
          },
        ];
        const bytes = toBinary(requestSchema, create(requestSchema, { resourceLogs }));
        const resource = withoutDefaults({ attributes: attributes.map(({ json }) => json) });
        const logRecords = records.map(({ json }) => json);
        const parts = partsOf(readProtobufParts(bytes, 10));
        expect(parts).toEqual([{ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }]);
        const events = planText(JSON.stringify(parts?.[0]));
        expect(events.map(({ kind }) => kind)).toEqual(records.map(() => "log"));
      }),
      { numRuns: 200 },
    );
  });

  it("is read or refused, even if its bytes are mutated", () => {
    const valid = encode({ body: { value: { case: "stringValue", value: "text" } }, traceId: new Uint8Array(16) });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(valid.length - 1), fc.nat(255), (bytes, at, byte) => {
        expect(typeof readProtobufParts(bytes, 10).ok).toBe("boolean");
        const mutated = valid.slice();
        mutated[at] = byte;
        const request = readProtobufParts(mutated, 10);
        if (request.ok) for (const part of request.parts) planText(part);
      }),
      { numRuns: 2_000 },
    );
  });

  it("writes responses", () => {
    const responseSchema = messageOf("opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse");
    expect(writeLogsResponse(0, "")).toHaveLength(0);
    expect(fromBinary(responseSchema, writeLogsResponse(2, "too_long"))).toMatchObject({
      partialSuccess: { rejectedLogRecords: 2n, errorMessage: "too_long" },
    });
    expect(fromBinary(messageOf("google.rpc.Status"), writeStatus(3, "no"))).toMatchObject({ code: 3, message: "no" });
  });
});
