/**
 * Generated values, attributes and records of OTLP's schema, in the forms of protobuf and of JSON.
 */
import fc from "fast-check";

/** A message for protobuf's encoder, and what it is in OTLP's JSON. */
export interface Pair {
  readonly message: object;
  readonly json: object;
}

/** Protobuf's JSON leaves out numbers that are 0 and empty texts, bytes and lists. */
export const withoutDefaults = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== 0 && value !== "0" && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );

const texts = fc.string({ unit: "grapheme", maxLength: 20 });
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const nanoTimes = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });

const valuePair = (name: string, value: unknown, json: unknown): Pair => ({
  message: { value: { case: name, value } },
  json: { [name]: json },
});

const { value: valuePairs } = fc.letrec<{ readonly value: Pair }>((tie) => {
  const values = fc.array(tie("value"), { maxLength: 3 });
  const entries = fc.array(fc.tuple(texts, tie("value")), { maxLength: 3 });
  return {
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant({ message: {}, json: {} }),
      texts.map((text) => valuePair("stringValue", text, text)),
      fc.boolean().map((flag) => valuePair("boolValue", flag, flag)),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => valuePair("intValue", int, String(int))),
      fc.integer().map((int) => valuePair("doubleValue", int / 8, int / 8)),
      fc
        .uint8Array({ maxLength: 9 })
        .map((bytes) => valuePair("bytesValue", bytes, Buffer.from(bytes).toString("base64"))),
      values.map((list) =>
        valuePair(
          "arrayValue",
          { values: list.map(({ message }) => message) },
          withoutDefaults({ values: list.map(({ json }) => json) }),
        ),
      ),
      entries.map((list) =>
        valuePair(
          "kvlistValue",
          { values: list.map(([key, { message }]) => ({ key, value: message })) },
          withoutDefaults({ values: list.map(([key, { json }]) => withoutDefaults({ key, value: json })) }),
        ),
      ),
    ),
  };
});

export const attributePairs = fc.array(
  fc.tuple(texts, valuePairs).map(([key, { message, json }]) => ({
    message: { key, value: message },
    json: withoutDefaults({ key, value: json }),
  })),
  { maxLength: 4 },
);

export const recordPairs = fc
  .record({
    timeUnixNano: nanoTimes,
    observedTimeUnixNano: nanoTimes,
    severityNumber: fc.nat(24),
    severityText: texts,
    body: valuePairs,
    attributes: attributePairs,
    droppedAttributesCount: fc.nat(4_294_967_295),
    flags: fc.nat(4_294_967_295),
    traceId: bytesOf(16),
    spanId: bytesOf(8),
    eventName: texts,
  })
  .map((record): Pair => {
    const { timeUnixNano, observedTimeUnixNano, body, attributes, traceId, spanId } = record;
    return {
      message: { ...record, body: body.message, attributes: attributes.map(({ message }) => message) },
      json: withoutDefaults({
        ...record,
        timeUnixNano: String(timeUnixNano),
        observedTimeUnixNano: String(observedTimeUnixNano),
        body: body.json,
        attributes: attributes.map(({ json }) => json),
        traceId: Buffer.from(traceId).toString("hex"),
        spanId: Buffer.from(spanId).toString("hex"),
      }),
    };
  });
