/** Random events as JSON text, and the comparison of a stored log with the sent event. */
import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { compareDecimals, toDecimal } from "#contract/check/exact-number.ts";

/** A number with its digits: `JSON.stringify` could not write it. */
class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const CHARACTERS = "abcXYZ019 éüßΣςёдя支付カ결".split("");
const SEPARATORS = " ._:-/\"\\'\n\t{}[],".split("");

/** Characters of several scripts, parts of surrogate pairs, controls, and separators. */
const unit = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...CHARACTERS) },
  { weight: 3, arbitrary: fc.constantFrom(...SEPARATORS, "\u001b[31m", "\u0301", "\u{1f600}") },
  { weight: 1, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)) },
);
const text = fc.array(unit, { maxLength: 60 }).map((units) => units.join(""));

const digits = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constantFrom("0", "7", "9007199254740993", "738529527931269425"), fc.nat().map(String)),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{1,22}$/)),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: -420, max: 420 }).map((power) => `e${power}`),
    ),
  )
  .map((parts) => new Digits(parts.join("")));

const key = fc
  .stringMatching(/^[a-z][a-z.]{0,6}[a-z]$/)
  .filter((name) => !name.includes(".."))
  .map((name) => `x${name}`);
const { tree } = fc.letrec<{ readonly tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    text,
    digits,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** An event and its JSON text. */
export interface RandomEvent {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export const randomEvent: fc.Arbitrary<RandomEvent> = fc
  .record({ body: text, attributes: fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true }) })
  .map((event) => ({ ...event, id: uuidv7() }));

/** `JSON.stringify` with the digits of numbers. It escapes halves of surrogate pairs. */
export const toJson = (value: unknown): string => {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${toJson(each)}`)
    .join(",")}}`;
};

/** Whether a stored value is the sent one: texts after the repair, numbers by their value. */
export const isAsSent = (sent: unknown, stored: unknown): boolean => {
  if (typeof sent === "string") return stored === sent.toWellFormed();
  if (sent instanceof Digits) {
    const [left, right] = [toDecimal(sent.text), toDecimal(String(stored))];
    const isMinusZero = left?.digits === "" && left.isNegative;
    if (left === undefined || right === undefined || isMinusZero) return stored === sent.text;
    return compareDecimals(left, right) === 0;
  }
  if (typeof sent !== "object" || sent === null) return stored === sent;
  if (typeof stored !== "object" || stored === null || Array.isArray(sent) !== Array.isArray(stored)) return false;
  const names = Object.keys(sent);
  return (
    names.length === Object.keys(stored).length &&
    names.every((name) => isAsSent((sent as Record<string, unknown>)[name], (stored as Record<string, unknown>)[name]))
  );
};

/** The words of a text as the body of a log contains them, without the escape sequences of terminals. */
export const wordsOf = (body: string): readonly string[] => {
  const [first = "", ...rest] = body.toWellFormed().split("\u001b");
  const plain = [first, ...rest.map((part) => part.replace(/^\[[0-9;:?]*[@-~]/, ""))].join(" ");
  return [...new Set(plain.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [])].filter((word) => /[\p{L}\p{N}]/u.test(word));
};
