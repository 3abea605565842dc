/**
 * The promise under fire: what was handed over is searchable exactly once, whatever is killed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPublisher } from "./support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let line: TestStack;
beforeAll(async () => {
  line = await startTestStack();
});
afterAll(() => line?.[Symbol.asyncDispose]());

const KILLS = 5;
const EVENTS = 20_000;
const EVENTS_PER_MESSAGE = 5;
const OUTAGE_MS = 30_000;

const login = () => ({ url: line.stack.file.mqtt, app: line.stack.file.app.id, key: line.stack.file.app.key });
const withService = (name: string): object => ({ term: { "resource.service.name": name } });

const makeBatch = (service: string, count: number): string =>
  JSON.stringify({
    v: 1,
    id: uuidv7(),
    resource: { "service.name": service },
    events: Array.from({ length: count }, (_, i) => ({ id: uuidv7(), body: `event ${i}` })),
  });

describe("the relay killed", () => {
  it(
    `with kill -9 ${KILLS} times while ${EVENTS} events come: all are searchable, none twice`,
    { timeout: 180_000 },
    async () => {
      await using publisher = await startPublisher(login());
      const { relay } = line.stack.services;
      const messages = EVENTS / EVENTS_PER_MESSAGE;
      let killed = 0;
      for (let i = 0; i < messages; i += 1) {
        await publisher.publish(makeBatch("killed-relay", EVENTS_PER_MESSAGE));
        if (i % Math.floor(messages / KILLS) === 100) {
          await relay.ready();
          relay.kill("SIGKILL");
          killed += 1;
        }
      }
      expect(killed).toBe(KILLS);
      const query = withService("killed-relay");
      await line.waitFor(
        "all events",
        () => line.count("logs-*", query),
        (count) => count >= EVENTS,
        60_000,
      );
      await sleep(2_000);
      expect(await line.count("logs-*", query)).toBe(EVENTS);
    },
  );

  it("with SIGTERM under load: nothing is sent twice", { timeout: 120_000 }, async () => {
    await using publisher = await startPublisher(login());
    const { relay } = line.stack.services;
    await relay.ready();
    for (let i = 0; i < 1_000; i += 1) {
      await publisher.publish(JSON.stringify({ body: `stamped by the relay ${i}`, attributes: { run: "sigterm" } }));
      if (i === 500) relay.kill("SIGTERM");
    }
    const query = { term: { "attributes.run": "sigterm" } };
    await line.waitFor(
      "all events",
      () => line.count("logs-*", query),
      (count) => count >= 1_000,
      60_000,
    );
    await sleep(1_000);
    expect(await line.count("logs-*", query)).toBe(1_000);
  });
});

describe("OpenSearch stopped", () => {
  it(
    `for ${OUTAGE_MS / 1_000} s under load: nothing lost, nothing doubled, everybody told`,
    { timeout: 180_000 },
    async () => {
      const { opensearch } = line.stack.services;
      await using publisher = await startPublisher(login());
      const correlations: string[] = [];
      let published = 0;
      let isOver = false;
      const load = (async () => {
        while (!isOver) {
          const correlation = uuidv7();
          correlations.push(correlation);
          await publisher.publish(makeBatch("outage", 10), correlation);
          published += 10;
          await sleep(10);
        }
      })();

      await sleep(1_000);
      await opensearch.stop();
      const stoppedAt = Date.now();
      const publishedBefore = published;
      const refused = await line.postLogs(makeBatch("outage-http", 3));
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ stored: 0, unfinished: [0, 1, 2] });
      await sleep(OUTAGE_MS - (Date.now() - stoppedAt));
      expect(published).toBeGreaterThan(publishedBefore);
      await opensearch.start();
      await sleep(1_000);
      isOver = true;
      await load;

      for (const correlation of correlations) await publisher.receipt(correlation, 60_000);
      const receipts = [...publisher.receipts.values()];
      expect(receipts.reduce((sum, { stored, duplicates }) => sum + stored + duplicates, 0)).toBe(published);
      expect(await line.count("logs-*", withService("outage"))).toBe(published);
    },
  );
});
