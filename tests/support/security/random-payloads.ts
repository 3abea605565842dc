/** Arbitrary payloads for fast-check: random bytes, almost valid events, and mutated valid payloads. */
import fc from "fast-check";
import { TYPED_EVENT_FIELDS, TYPED_RESOURCE_FIELDS } from "#contract/store/log-document.ts";
import { validFixtures } from "../../../contract/tests/fixtures.ts";

const encoder = new TextEncoder();

const FIELDS = [
  "v id time severity body attributes traceId spanId resource events log.level message process.thread.name".split(" "),
  "labels geo.location __proto__ constructor".split(" "),
  "",
].flat();

const NAMES = [
  ...Object.keys(TYPED_EVENT_FIELDS),
  ...Object.keys(TYPED_RESOURCE_FIELDS),
  "__proto__",
  "toString",
  "a.b",
  "a",
  "",
];

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "\u0000",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202e",
    "-1",
    "1e400",
    "NaN",
    "{}",
    "[",
    '"',
    "\\",
    "\n",
  ),
  fc.uuid(),
);

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(1e308, -1e308, 5e-324, 2 ** 53, -(2 ** 53), 253_402_300_800_000, -1, -0),
);

const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(anyText, fc.constantFrom(...NAMES)), tie("value"), { maxKeys: 6 }),
  ),
})).value;

/** An event with field names of the contract and arbitrary values. */
const almostEvent = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...FIELDS), anyValue, { maxKeys: 5 }),
    fc.record(
      { body: fc.oneof(anyText, anyValue), attributes: fc.dictionary(fc.constantFrom(...NAMES), anyValue) },
      { requiredKeys: [] },
    ),
  )
  .map(([some, fields]) => ({ ...some, ...fields }));

const almostBatch = fc
  .tuple(almostEvent, fc.array(fc.oneof(almostEvent, anyValue), { maxLength: 5 }))
  .map(([head, events]) => ({ v: 1, ...head, events }));

const toBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

const lines = fc
  .array(
    fc.oneof(
      almostEvent.map((event) => JSON.stringify(event)),
      anyText,
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) => encoder.encode(all.join("\n")));

type Damage = (bytes: Uint8Array, at: number, other: Uint8Array) => Uint8Array;

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const DAMAGES: readonly Damage[] = [
  (bytes, at) => bytes.slice(0, at),
  (bytes, at) => bytes.slice(at),
  (bytes, at, other) => join(bytes.slice(0, at), other, bytes.slice(at)),
  (bytes, at, other) => join(bytes.slice(0, at), other, bytes.slice(at + other.byteLength)),
  (bytes, at) => join(bytes.slice(0, at), bytes),
  (bytes, at) => bytes.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte)),
];

const damaged = fc
  .tuple(
    fc.constantFrom(...validFixtures.map(({ bytes }) => bytes)),
    fc.array(fc.tuple(fc.constantFrom(...DAMAGES), fc.nat(), fc.uint8Array({ maxLength: 8 })), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([bytes, damages]) =>
    damages.reduce((before, [damage, at, other]) => damage(before, at % (before.byteLength + 1), other), bytes),
  );

export const payload: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  anyValue.map(toBytes),
  almostEvent.map(toBytes),
  almostBatch.map(toBytes),
  lines,
  damaged,
);
