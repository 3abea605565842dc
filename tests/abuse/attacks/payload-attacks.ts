/** Attacks by the contents of messages and requests. */
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { queryOpenSearch } from "../../support/query-opensearch.ts";
import { HOSTILE_PAYLOADS } from "../../support/security/hostile-payloads.ts";
import { connectAttacker, post, repeat, type Payload } from "../attacker.ts";
import type { AbuseStack } from "../abuse-stack.ts";
import type { Attack } from "./attack.ts";
import {
  createAlmostTooLargeBatch,
  createCostlyBatches,
  createDistantDays,
  createDistinctFields,
  createExpandingBatch,
  createInvalidJson,
  createLargeBatch,
  createRejectedBatch,
  createSmallEvent,
} from "./payloads.ts";

const FLOOD_CONNECTIONS = 4;
const FLOOD_WINDOW = 500;
const EXPANDING_BATCHES = 80;

/** Number of stored documents of an MQTT client. */
const countDocuments = async ({ stack }: AbuseStack, client: string): Promise<number> => {
  const indices = "/logs-*,rejected-*";
  const query = { term: { "edgelog.client": client } };
  await queryOpenSearch(stack.file.opensearch, `${indices}/_refresh`);
  return (await queryOpenSearch<{ count: number }>(stack.file.opensearch, `${indices}/_count`, { query })).count;
};

/**
 * Publishes these payloads once, and waits for their effect.
 *
 * @param maxDocuments Number of documents that they may become. Default: not counted.
 */
const publishOnce =
  (createPayloads: () => readonly Payload[], maxDocuments?: number) =>
  async (abuse: AbuseStack, durationMs: number): Promise<readonly string[]> => {
    await using attacker = await connectAttacker(abuse);
    await attacker.publish(createPayloads());
    await sleep(durationMs);
    if (maxDocuments === undefined) return [];
    const documents = await countDocuments(abuse, attacker.clientId);
    return documents > maxDocuments ? [`the messages became ${documents} documents`] : [];
  };

/** Publishes as fast as the broker acknowledges. */
export const flood =
  (create: () => Payload, window = FLOOD_WINDOW) =>
  async (abuse: AbuseStack, durationMs: number): Promise<readonly string[]> => {
    await using connections = new AsyncDisposableStack();
    const lanes = Array.from({ length: FLOOD_CONNECTIONS }, async () => {
      const attacker = connections.use(await connectAttacker(abuse));
      await repeat(durationMs, 1, () => attacker.publish(Array.from({ length: window }, create)));
    });
    await Promise.all(lanes);
    return [];
  };

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

const largestHostile = HOSTILE_PAYLOADS.filter(({ body }) => body.length <= MAX_MESSAGE_BYTES);

export const PAYLOAD_ATTACKS: readonly Attack[] = [
  {
    name: "1 batch that expands to 238 MB, MQTT",
    isShort: true,
    maxP99Ms: 2_000,
    isAppAtFault: true,
    run: publishOnce(() => times(3, createExpandingBatch()), 3),
  },
  {
    name: "1 batch that expands to 238 MB, 20 times over HTTP",
    maxP99Ms: 2_000,
    isAppAtFault: true,
    async run(abuse, durationMs) {
      const body = createExpandingBatch();
      await Promise.all(times(20, body).map((each) => post(abuse, each, { "Content-Encoding": "gzip" })));
      await sleep(durationMs / 2);
      return [];
    },
  },
  {
    name: "2 rejected events that repeat a large resource",
    isShort: true,
    maxP99Ms: 2_000,
    isAppAtFault: true,
    run: publishOnce(() => times(3, createRejectedBatch()), 3),
  },
  {
    name: "small messages that become large",
    isShort: true,
    maxP99Ms: 3_000,
    isAppAtFault: true,
    run: publishOnce(() => Array.from({ length: 2 }, createCostlyBatches).flat()),
  },
  { name: "5 flood of valid events", maxP99Ms: 2_000, isAppAtFault: true, run: flood(createSmallEvent) },
  {
    name: "largest valid batches, MQTT and HTTP",
    // A queue of one app that is full of logs uses up to 0.9 GiB, and the broker the rest.
    maxBrokerMb: 1_400,
    async run(abuse, durationMs) {
      await using attacker = await connectAttacker(abuse);
      await Promise.all([
        repeat(durationMs, 1, () => attacker.publish(times(10, createLargeBatch()))),
        repeat(durationMs, 10, () => post(abuse, createLargeBatch())),
      ]);
      return [];
    },
  },
  {
    name: "batches that expand to almost the limit",
    maxP99Ms: 2_000,
    async run(abuse, durationMs) {
      await using attacker = await connectAttacker(abuse);
      await attacker.publish(times(EXPANDING_BATCHES, createAlmostTooLargeBatch()));
      await sleep(durationMs);
      return [];
    },
  },
  {
    name: "distinct attribute names",
    async run(abuse, durationMs) {
      await using attacker = await connectAttacker(abuse);
      await repeat(durationMs, 1, () => attacker.publish([createDistinctFields(50, 100)]));
      return [];
    },
  },
  {
    name: "hostile payloads and gzip bombs, MQTT and HTTP",
    isShort: true,
    async run(abuse, durationMs) {
      await using attacker = await connectAttacker(abuse);
      await attacker.publish(largestHostile.map(({ body }) => body));
      for (const { body, encoding } of HOSTILE_PAYLOADS) {
        await post(abuse, body, encoding === undefined ? {} : { "Content-Encoding": encoding });
      }
      await sleep(durationMs / 2);
      return [];
    },
  },
  { name: "flood of invalid JSON", isAppAtFault: true, run: flood(createInvalidJson, 50) },
  { name: "events of 1,000 different days", run: publishOnce(() => [createDistantDays(), createDistantDays()]) },
];
