/**
 * Payloads of a few KB when compressed, whose events share something large. A Worker that paid for it with each event would take seconds for
 * each payload.
 */
import { v7 as uuidv7 } from "uuid";
import { MAX_BATCH_EVENTS } from "#contract/wire/limits.ts";

const OTHERS = MAX_BATCH_EVENTS - 1;

const repeat = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

const toOtlp = (scope: object): object => ({
  resourceLogs: [{ scopeLogs: [{ scope, logRecords: repeat(OTHERS, { body: { stringValue: "x" } }) }] }],
});

const pairs = (count: number, value: string): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i}`, value: { stringValue: value } }));

const HOST = { key: "host.name", value: { stringValue: "h" } };

const id = uuidv7();

export const COSTLY_PAYLOADS: readonly { readonly name: string; readonly payload: object }[] = [
  { name: "10,000 attributes of a scope", payload: toOtlp({ attributes: pairs(10_000, "v") }) },
  { name: "a scope with a long name", payload: toOtlp({ name: "n".repeat(900_000) }) },
  { name: "long attributes of a scope", payload: toOtlp({ attributes: pairs(110, "v".repeat(8_000)) }) },
  {
    name: "a large resource, and attributes that belong to it",
    payload: {
      resourceLogs: [
        {
          resource: { attributes: pairs(110, "v".repeat(8_000)) },
          scopeLogs: [{ logRecords: repeat(MAX_BATCH_EVENTS, { attributes: [HOST], body: { stringValue: "x" } }) }],
        },
      ],
    },
  },
  {
    name: "a stack trace that is slow to normalise",
    payload: {
      v: 1,
      attributes: { "exception.stacktrace": `at ${"-".repeat(4_090)}` },
      events: repeat(MAX_BATCH_EVENTS, { body: "x" }),
    },
  },
  {
    name: "the id of a large event",
    payload: {
      v: 1,
      events: [
        {
          id,
          body: "x",
          attributes: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`a${i}`, '"'.repeat(4_500)])),
        },
        ...repeat(OTHERS, { id, body: "y" }),
      ],
    },
  },
];
