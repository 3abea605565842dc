/**
 * Checks in OpenSearch that each event of a service was stored once.
 */
import { expect } from "vitest";
import { startPublisher } from "../mqtt-publisher.ts";
import type { TestStack } from "../test-stack.ts";

/** Sends a batch over HTTP and one over MQTT. All batches sent before are stored when these two are. */
const sendMarkers = async (stack: TestStack): Promise<void> => {
  const { app, mqtt } = stack.file;
  await using publisher = await startPublisher({ url: mqtt, app: app.id, key: app.key });
  await publisher.publishBatch(["marker"], "marker");
  const { status } = await stack.postLogs({
    v: 1,
    resource: { "service.name": "marker" },
    events: [{ body: "marker" }],
  });
  expect([status, (await publisher.receipt("marker")).stored]).toEqual([200, 1]);
};

/**
 * Fails unless `count` events with attribute `n` are stored, each once. A duplicate that is still on its way is also found.
 * Default timeout: 30,000 ms.
 */
export const expectStoredOnce = async (
  stack: TestStack,
  service: string,
  count: number,
  timeoutMs?: number,
): Promise<void> => {
  const query = {
    bool: { must: [{ term: { "resource.service.name": service } }, { exists: { field: "attributes.n" } }] },
  };
  await stack.waitFor(
    `all events of ${service}`,
    () => stack.count("logs-*", query),
    (stored) => stored >= count,
    timeoutMs,
  );
  await sendMarkers(stack);
  const hits = await stack.search("logs-*", query, 10_000);
  const bodies = new Set(hits.map(({ _source }) => _source["body"]));
  expect([hits.length, bodies.size]).toEqual([count, count]);
};
