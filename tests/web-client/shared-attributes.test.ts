/**
 * Shared attributes and resource beyond the contract's limits: the batches that the logger sends are valid, also the first request.
 */
import { expect, it } from "vitest";
import { MAX_SHARED_LENGTH } from "#contract/wire/limits.ts";
import { createLogger } from "../../web-client/logger/index.ts";
import { decodeBatch } from "../../worker/src/ingest/decoders/batch.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import { startScriptedServer } from "../support/web-client/scripted-server.ts";

const texts = (count: number, length: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`text-${i}`, "x".repeat(length)]));
const flags = (count: number): Record<string, boolean> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`flag-${i}`, true]));

const DROPPED = "log.record.dropped_attributes_count";

it.each<readonly [string, Record<string, unknown>, object]>([
  [
    "long texts",
    texts(3, 8_000),
    { "text-0": texts(1, 8_000)["text-0"], "text-2": expect.stringMatching(/x…\[cut\]$/) },
  ],
  ["many texts", texts(120, 140), { "text-0": texts(1, 140)["text-0"], [DROPPED]: expect.any(Number) as unknown }],
  [
    "long keys",
    Object.fromEntries(Array.from({ length: 125 }, (_, i) => [`${i}`.padStart(128, "k"), "x".repeat(9)])),
    {},
  ],
  ["nested texts", { a: { b: texts(3, 8_000) }, list: ["x".repeat(8_000)] }, {}],
  ["a long list", { "flag-0": true, list: Array.from({ length: 140 }, () => true) }, { "flag-0": true }],
  ["many values", flags(140), { "flag-0": true, [DROPPED]: expect.any(Number) as unknown }],
])("%s are cut and marked, or omitted and counted", async (_title, attributes, expected) => {
  await using server = await startScriptedServer();
  const { endpoint } = server;
  const options = { app: "shop", key: "k", endpoint, transport: "http", fetch, tuning: FAST } as const;
  for (const more of [{ attributes }, { resource: attributes }]) {
    const logger = createLogger({ ...options, ...more });
    logger.info("first");
    expect(await logger.flush()).toBe(true);
    logger.info("second");
    expect(await logger.flush()).toBe(true);
    await logger.close();
  }
  const batches = server.requests.map(({ batch }) => batch);
  expect(batches.flatMap(({ events }) => events.map(({ body }) => body))).toEqual([
    "first",
    "second",
    "first",
    "second",
  ]);
  expect(batches.map((batch) => decodeBatch({ ...batch }))).toEqual(
    batches.map(() => expect.objectContaining({ ok: true })),
  );
  expect(batches[1]?.attributes).toMatchObject(expected);
  expect(batches[1]?.attributes).toHaveProperty("session.id");
  expect(batches[3]?.resource).toMatchObject({ "service.name": "shop" });
});

it("attributes within the limits are sent as they are", async () => {
  await using server = await startScriptedServer();
  const attributes = { ...texts(1, 8_000), n: 0.1, list: [1, null, { a: "b" }], note: "token=x" };
  const logger = createLogger({
    app: "shop",
    key: "k",
    endpoint: server.endpoint,
    transport: "http",
    fetch,
    attributes,
  });
  for (const body of ["first", "second"]) {
    logger.info(body);
    await logger.flush();
  }
  const [first, second] = server.requests.map(({ batch }) => batch);
  expect(first?.attributes).toMatchObject({ ...attributes, note: "token=[redacted]" });
  expect(second?.attributes).toEqual({ ...first?.attributes, "edgelog.sent_time": expect.any(Number) as unknown });
  expect(JSON.stringify(attributes).length).toBeLessThan(MAX_SHARED_LENGTH);
  await logger.close();
});
