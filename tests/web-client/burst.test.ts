/**
 * More logs in one task than the queue of the web client holds, against a local server.
 */
import { expect, it } from "vitest";
import { createLogger, type Settlement } from "../../web-client/logger/index.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import { startScriptedServer } from "../support/web-client/scripted-server.ts";

it("a fatal event after 10,050 less severe events is stored", async () => {
  await using server = await startScriptedServer();
  const { endpoint } = server;
  const logger = createLogger({ app: "shop", key: "k", endpoint, transport: "http", fetch, tuning: FAST });
  const settlements: Settlement[] = [];
  logger.onSettled((news) => settlements.push(...news));
  for (let i = 0; i < 10_050; i += 1) logger.debug("before");
  const id = logger.fatal("the end");
  expect(await logger.flush()).toBe(true);
  expect(settlements).toContainEqual({ id, state: "stored" });
  expect(logger.counts.dropped.queue_full).toBeGreaterThanOrEqual(50);
  await logger.close();
  expect(Object.keys(logger.counts.dropped), "a reason without dropped events").toEqual(["queue_full"]);
});
