/**
 * The logger over HTTP with a `fetch` that another script has replaced, and which does not behave as the standard says.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLogger } from "../../web-client/logger/index.ts";
import type { Fetch } from "../../web-client/logger/platform.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import { startScriptedServer } from "../support/web-client/scripted-server.ts";

const errors: unknown[] = [];
const onError = (error: unknown): number => errors.push(error);
beforeEach(() => {
  errors.length = 0;
  process.on("uncaughtException", onError).on("unhandledRejection", onError);
});
afterEach(() => void process.off("uncaughtException", onError).off("unhandledRejection", onError));

it.each<[does: string, broken: () => unknown]>([
  [
    "throws",
    () => {
      throw new Error("blocked");
    },
  ],
  ["returns undefined", () => undefined],
  ["returns an object", () => ({})],
  ["resolves with undefined", () => Promise.resolve()],
])("a fetch that %s is an outage, after which all events are stored", async (_does, broken) => {
  const server = await startScriptedServer();
  let calls = 0;
  let isBroken = true;
  const replaced = (...args: Parameters<Fetch>): unknown => {
    calls += 1;
    return isBroken ? broken() : fetch(...args);
  };
  const logger = createLogger({
    app: "shop",
    key: "elk_test",
    endpoint: server.endpoint,
    transport: "http",
    fetch: replaced as Fetch,
    tuning: FAST,
  });
  logger.info("first");
  await expect.poll(() => logger.status.state).toBe("offline");
  logger.info("second");
  const before = calls;
  await expect.poll(() => calls).toBeGreaterThan(before + 2);
  isBroken = false;
  expect(await logger.flush()).toBe(true);
  expect(logger.counts).toMatchObject({ stored: 2, queued: 0, inFlight: 0, dropped: {} });
  expect(errors).toEqual([]);
  await logger.close(50);
  await server.stop();
});
