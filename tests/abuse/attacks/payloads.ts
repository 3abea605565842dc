/** Payloads of the attacks. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { v7 as uuidv7 } from "uuid";
import { DAY_MS } from "#contract/wire/durations.ts";
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_BATCH_EVENTS,
} from "#contract/wire/limits.ts";
import { COSTLY_PAYLOADS } from "../../support/security/costly-payloads.ts";

const repeat = <T>(count: number, create: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => create(i));

/** As many values as allowed, below as many nested keys as allowed, each of the longest allowed length. */
const createDeepAttributes = (): object => {
  const leaves = Object.fromEntries(repeat(MAX_ATTRIBUTE_COUNT, (i) => [`k${i}`, i]));
  let node: object = leaves;
  for (let depth = 1; depth < MAX_ATTRIBUTE_DEPTH; depth += 1) {
    node = { [String(depth).repeat(MAX_ATTRIBUTE_KEY_LENGTH)]: node };
  }
  return node;
};

/** Hundreds of bytes that become hundreds of megabytes of documents unless they are bounded. */
export const createExpandingBatch = (): Buffer =>
  gzipSync(
    JSON.stringify({
      v: 1,
      resource: createDeepAttributes(),
      attributes: createDeepAttributes(),
      events: repeat(MAX_BATCH_EVENTS, () => ({ body: "a" })),
    }),
  );

/** A few kilobytes that become almost as many bytes of documents as one payload may, without ids. */
export const createAlmostTooLargeBatch = (): Buffer =>
  gzipSync(
    JSON.stringify({
      v: 1,
      resource: { "service.name": "abuse", filler: "r".repeat(6_500) },
      events: repeat(MAX_BATCH_EVENTS, () => ({ body: "a" })),
    }),
  );

/** Events without `body` and a shared resource, which each rejected document repeats unless it is stored once. */
export const createRejectedBatch = (): string =>
  JSON.stringify({
    v: 1,
    resource: Object.fromEntries(repeat(MAX_ATTRIBUTE_COUNT, (i) => [`key${i}`, "r".repeat(120)])),
    attributes: createDeepAttributes(),
    events: repeat(MAX_BATCH_EVENTS, () => ({ severity: "info" })),
  });

export const createBatch = (events: readonly object[]): string =>
  JSON.stringify({ v: 1, id: uuidv7(), resource: { "service.name": "abuse" }, events });

export const createSmallEvent = (): string => JSON.stringify({ id: uuidv7(), body: `flood ${"x".repeat(400)}` });

/** Events with attributes that no other event has. */
export const createDistinctFields = (events: number, fields: number): string =>
  createBatch(
    repeat(events, () => {
      const prefix = randomBytes(6).toString("hex");
      return {
        id: uuidv7(),
        body: "fields",
        attributes: Object.fromEntries(repeat(fields, (i) => [`${prefix}.${i}`, i])),
      };
    }),
  );

/** Events of many days, in the past and in the future. */
export const createDistantDays = (): string =>
  createBatch(
    repeat(MAX_BATCH_EVENTS, (i) => ({
      id: uuidv7(),
      body: "days",
      time: new Date(Date.now() + (3 - i) * DAY_MS).toISOString(),
    })),
  );

export const createInvalidJson = (): string => `{"body":"${randomBytes(500).toString("hex")}`;

/** 1,000 events of 1,000 characters: the largest valid batch. */
export const createLargeBatch = (): string =>
  createBatch(repeat(MAX_BATCH_EVENTS, () => ({ id: uuidv7(), body: "x".repeat(940) })));

/** 288 lines of CLEF, each of which becomes 1 MB unless it is bounded. */
const createTemplateLines = (): string => {
  const line = JSON.stringify({ "@t": new Date().toISOString(), "@mt": "{A}".repeat(587), A: "x".repeat(1_800) });
  return repeat(288, () => line).join("\n");
};

/** Gzipped payloads of a few KB that become very large, or very many values, unless they are bounded. */
export const createCostlyBatches = (): readonly Buffer[] =>
  [
    ...COSTLY_PAYLOADS.map(({ payload }) => JSON.stringify(payload)),
    createTemplateLines(),
    "{}".repeat(500_000),
    '"}\n{"'.repeat(200_000),
  ].map((text) => gzipSync(text));
