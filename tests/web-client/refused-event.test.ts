/**
 * An event whose requests always fail, for example because a firewall refuses its text, against a local server.
 */
import { expect, it } from "vitest";
import { createLogger } from "../../web-client/logger/index.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";
import { acceptAll, problem, startScriptedServer, type Script } from "../support/web-client/scripted-server.ts";

/** A response of nginx. */
const TOO_LARGE = {
  status: 413,
  headers: { "content-type": "text/html" },
  body: "<h1>413 Request Entity Too Large</h1>",
};

it.each<readonly [string, Script]>([
  ["a page of a firewall", () => ({ status: 403, headers: { "content-type": "text/html" }, body: "<p>Blocked" })],
  ["a text of a firewall", () => ({ status: 403, headers: { "content-type": "text/plain" }, body: "Blocked" })],
  ["a page about the length of the request", () => TOO_LARGE],
  ["an error", problem(500)],
])("all other events are stored if each request with one event has the response %s", async (_note, refuse) => {
  await using server = await startScriptedServer();
  server.respondWith((request) =>
    (request.batch.events.some(({ body }) => body === "refused") ? refuse : acceptAll)(request),
  );
  const { endpoint } = server;
  const tuning = { ...FAST, maxBatchEvents: 10 };
  const logger = createLogger({ app: "shop", key: "k", endpoint, transport: "http", fetch, tuning });
  for (const body of ["a", "refused", "b", "c", "d"]) logger.info(body);
  for (let i = 0; i < 50; i += 1) logger.info(`later ${i}`);
  void logger.flush();
  await expect.poll(() => logger.counts.stored).toBe(54);
  expect(logger.counts).toMatchObject({ queued: 0, inFlight: 1, rejected: 0, dropped: {} });
  server.respondWith();
  await expect.poll(() => logger.counts.stored).toBe(55);
  await logger.close();
});

it("an event over 64 KiB is dropped if a server in front of the Worker refuses its length, and no other", async () => {
  await using server = await startScriptedServer();
  const MAX_BYTES = 50_000;
  server.respondWith((request) => (request.bytes > MAX_BYTES ? TOO_LARGE : acceptAll(request)));
  const { endpoint } = server;
  const logger = createLogger({ app: "shop", key: "k", endpoint, transport: "http", fetch, tuning: FAST });
  for (const body of ["a", "x".repeat(70_000), "b".repeat(40_000), "c".repeat(40_000)]) logger.info(body);
  expect(await logger.flush()).toBe(true);
  // The report of drops is logged when the server refuses the last event, too.
  await expect.poll(() => logger.counts).toMatchObject({ stored: 4, dropped: { too_large: 1 } });
  await logger.close();
});
