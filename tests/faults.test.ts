/** The delivery guarantee under faults: each published event is searchable exactly once. */
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPublisher, type Publisher } from "./support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ ownOpenSearch: true });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const KILLS = 5;
const EVENTS = 20_000;
const EVENTS_PER_MESSAGE = 5;
const OUTAGE_MS = 30_000;

const toPublisherOptions = () => ({ url: stack.file.mqtt, app: stack.file.app.id, key: stack.file.app.key });
const withService = (name: string): object => ({ term: { "resource.service.name": name } });

const makeBatch = (service: string, count: number): string =>
  JSON.stringify({
    v: 1,
    id: uuidv7(),
    resource: { "service.name": service },
    events: Array.from({ length: count }, (_, i) => ({ id: uuidv7(), body: `event ${i}` })),
  });

/** Waits for the receipt of one more event. The relay handles messages in order, so resent messages arrive before it. */
const waitForMarker = async (publisher: Publisher): Promise<void> => {
  const correlation = uuidv7();
  await publisher.publish(makeBatch("marker", 1), correlation);
  await publisher.receipt(correlation, 120_000);
};

describe("a restart of the relay", () => {
  it(
    `loses and duplicates none of ${EVENTS} events when killed ${KILLS} times with SIGKILL`,
    { timeout: 300_000 },
    async () => {
      await using publisher = await startPublisher(toPublisherOptions());
      const { relay } = stack.services;
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
      await stack.waitFor(
        "all events",
        () => stack.count("logs-*", query),
        (count) => count >= EVENTS,
        120_000,
      );
      await waitForMarker(publisher);
      expect(await stack.count("logs-*", query)).toBe(EVENTS);
    },
  );

  it("sends no event twice after SIGTERM under load", { timeout: 240_000 }, async () => {
    await using publisher = await startPublisher(toPublisherOptions());
    const { relay } = stack.services;
    await relay.ready();
    for (let i = 0; i < 1_000; i += 1) {
      await publisher.publish(JSON.stringify({ body: `stamped by the relay ${i}`, attributes: { run: "sigterm" } }));
      if (i === 500) relay.kill("SIGTERM");
    }
    const query = { term: { "attributes.run": "sigterm" } };
    await stack.waitFor(
      "all events",
      () => stack.count("logs-*", query),
      (count) => count >= 1_000,
      120_000,
    );
    await waitForMarker(publisher);
    expect(await stack.count("logs-*", query)).toBe(1_000);
  });
});

describe("an outage of OpenSearch", () => {
  it(
    `of ${OUTAGE_MS / 1_000} s under load loses and duplicates no event, and each batch gets its receipt`,
    { timeout: 300_000 },
    async () => {
      const { opensearch } = stack.services;
      await using publisher = await startPublisher(toPublisherOptions());
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

      const waitForMoreEvents = (): Promise<number> => {
        const target = published + 500;
        return stack.waitFor(
          `${target} published events`,
          async () => published,
          (count) => count >= target,
        );
      };
      await waitForMoreEvents();
      await opensearch.stop();
      const stoppedAt = Date.now();
      const publishedBefore = published;
      const refused = await stack.postLogs(makeBatch("outage-http", 3));
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ stored: 0, unfinished: [0, 1, 2] });
      await sleep(OUTAGE_MS - (Date.now() - stoppedAt));
      expect(published).toBeGreaterThan(publishedBefore);
      await opensearch.start();
      await waitForMoreEvents();
      isOver = true;
      await load;

      for (const correlation of correlations) await publisher.receipt(correlation, 120_000);
      const receipts = [...publisher.receipts.values()];
      expect(receipts.reduce((sum, { stored, duplicates }) => sum + stored + duplicates, 0)).toBe(published);
      expect(await stack.count("logs-*", withService("outage"))).toBe(published);
    },
  );
});
