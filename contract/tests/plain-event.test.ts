import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "#contract/check/exact-number.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { normalizeEvent } from "#contract/check/normalize-event.ts";
import type { Attributes } from "#contract/wire/attributes.ts";
import { isStorableEvent, toPlainBatch, toPlainEvent } from "#contract/check/plain-event.ts";
import { batchHeadSchema } from "#contract/wire/batch.ts";
import { MAX_BODY_LENGTH, MAX_TIME_NUMBER_MS } from "#contract/wire/limits.ts";
import { logEventSchema } from "#contract/wire/log-event.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";

const UPPER_CASE_ID = "019AB0C0-1111-7000-8000-00000000000A";

const anything = fc.constantFrom<unknown>(
  undefined,
  null,
  "",
  "text",
  true,
  0,
  -0,
  -1,
  1.5,
  Number.NaN,
  MAX_TIME_NUMBER_MS,
  MAX_TIME_NUMBER_MS + 1,
  [],
  [1],
  {},
  { a: 1 },
  "toString",
  UPPER_CASE_ID,
  new ExactNumber("1e400"),
  "x".repeat(MAX_BODY_LENGTH),
  "x".repeat(MAX_BODY_LENGTH + 1),
);

/** Usually `valid`, sometimes any other value. */
const mostly = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 15, arbitrary: valid }, { weight: 1, arbitrary: anything });

const attributes = mostly(fc.dictionary(fc.string(), fc.anything()));

/** Adds a field that the schema does not have to some of the values. */
const withUnknownFields = (values: fc.Arbitrary<object>): fc.Arbitrary<Readonly<Record<string, unknown>>> => {
  const unknownFields = fc.constantFrom<object>({}, {}, {}, {}, { later: undefined }, { constructor: "text" });
  return fc.tuple(values, unknownFields).map(([value, fields]) => ({ ...value, ...fields }));
};

const events = fc.record(
  {
    id: mostly(fc.oneof(fc.uuid(), fc.constant(UPPER_CASE_ID))),
    time: mostly(fc.oneof(fc.nat(), fc.constant("2026-11-17T08:00:00.000Z"))),
    severity: mostly(fc.constantFrom(...SEVERITIES)),
    body: mostly(fc.string()),
    attributes,
    traceId: mostly(fc.constantFrom(undefined, "0af7651916cd43dd8448eb211c80319c")),
    spanId: mostly(fc.constantFrom(undefined, "b7ad6b7169203331")),
  },
  { requiredKeys: ["body"] },
);

const batches = fc.record(
  {
    v: mostly(fc.constant(1)),
    id: mostly(fc.oneof(fc.uuid(), fc.constant(UPPER_CASE_ID))),
    resource: attributes,
    attributes,
    events: mostly(fc.array(anything, { minLength: 1, maxLength: 3 })),
  },
  { requiredKeys: ["v", "events"] },
);

describe(toPlainEvent, () => {
  it("gives the same result as the schema, or none", () => {
    let plain = 0;
    fc.assert(
      fc.property(
        fc.oneof({ weight: 20, arbitrary: withUnknownFields(events) }, { weight: 1, arbitrary: anything }),
        (value) => {
          const event = toPlainEvent(value);
          if (event === undefined) return;
          plain += 1;
          expect(event).toEqual(logEventSchema.safeParse(value).data);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it.each([
    { body: "Started" },
    { id: UPPER_CASE_ID, severity: "error", body: "", attributes: { "user.id": "42" } },
    { id: "019ab0c0-1111-7000-8000-000000000001", time: MAX_TIME_NUMBER_MS, severity: "info", body: "x" },
  ])("recognises %j", (value) => {
    expect(toPlainEvent(value)).toEqual(logEventSchema.parse(value));
  });
});

describe(isStorableEvent, () => {
  it("accepts each event that the schema accepts", () => {
    fc.assert(
      fc.property(withUnknownFields(events), (sent) => {
        const { value } = normalizeEvent(sent);
        const { success } = logEventSchema.safeParse(value);
        const isWithinLimits =
          checkAttributes((value as { attributes?: Attributes }).attributes ?? {}, "attributes") === undefined;
        expect(isStorableEvent(sent)).toBe(success && isWithinLimits);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe(toPlainBatch, () => {
  it("gives the same result as the schema, or none", () => {
    let plain = 0;
    fc.assert(
      fc.property(withUnknownFields(batches), (value) => {
        const batch = toPlainBatch(value);
        if (batch === undefined) return;
        plain += 1;
        expect(batch).toEqual(batchHeadSchema.safeParse(value).data);
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it("recognises a batch with all fields", () => {
    const value = { v: 1, id: UPPER_CASE_ID, resource: { "service.name": "shop" }, attributes: {}, events: [1] };
    expect(toPlainBatch(value)).toEqual(batchHeadSchema.parse(value));
  });
});
