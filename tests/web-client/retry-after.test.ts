/**
 * The header Retry-After and the backoff.
 */
import { afterEach, expect, it, vi } from "vitest";
import { createLogger } from "../../web-client/logger/index.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import { problem, startScriptedServer, type Script } from "../support/web-client/scripted-server.ts";

afterEach(() => vi.restoreAllMocks());

it.each([
  ["is 0", "0"],
  ["is in the past", new Date(0).toUTCString()],
])("a Retry-After that %s does not shorten the backoff", async (_when, header) => {
  vi.spyOn(Math, "random").mockReturnValue(0.5); // the backoff is half of its longest delay
  const times: number[] = [];
  const refuse: Script = (request) => {
    times.push(performance.now());
    return problem(503, { "retry-after": header })(request);
  };
  await using server = await startScriptedServer(refuse, refuse, refuse);
  const { endpoint } = server;
  const tuning = { ...FAST, retryBaseMs: 200, maxRetryMs: 1_000 };
  const logger = createLogger({ app: "shop", key: "elk_test", endpoint, transport: "http", fetch, tuning });
  logger.info("waits");
  expect(await logger.flush()).toBe(true);
  const [, second = 0, third = 0] = times;
  // Half of 400 ms. A timer may be early by a millisecond or so.
  expect(third - second).toBeGreaterThanOrEqual(195);
  await logger.close();
});
