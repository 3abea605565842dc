/** The built chunk in Chromium against the real broker, each test also with the published mqtt.js. */
import type { IClientOptions } from "mqtt";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { logsTopic, receiptsTopic } from "#contract/wire/topics.ts";
import { runIn, startClientBench, type ClientBench } from "../../support/mqtt-slim/client-bench.ts";
import { startCuttableProxy } from "../../support/mqtt-slim/cuttable-proxy.ts";

let bench: ClientBench;
beforeAll(async () => {
  bench = await startClientBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe.each(["slim", "stock"])("mqtt.js, %s", (kind) => {
  const script = `/${kind}.js`;
  const clientId = `page-${kind}`;
  const app = (): string => bench.credentials.username;
  const topic = (): string => logsTopic(app(), clientId);

  /** The options of `logger/send/mqtt/mqtt-link.ts`. */
  const options = (more: IClientOptions = {}): IClientOptions => ({
    ...bench.credentials,
    protocolVersion: 5,
    clean: true,
    clientId,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    keepalive: 60,
    timerVariant: "native",
    resubscribe: false,
    writeCache: false,
    properties: { requestResponseInformation: true },
    ...more,
  });

  const openPage = async (): Promise<{ page: Page; problems: string[] }> => {
    const page = await bench.openPage();
    const problems: string[] = [];
    page.on("pageerror", ({ message }) => problems.push(message));
    onTestFinished(() => page.close());
    return { page, problems };
  };

  /** A separate client that collects the number in each message it receives. */
  const startReader = async (onCount?: (count: number) => void): Promise<number[]> => {
    const reader = await bench.connectReader();
    onTestFinished(() => reader.endAsync());
    const numbers: number[] = [];
    reader.on("message", (_, payload) => {
      numbers.push((JSON.parse(payload.toString()) as { n: number }).n);
      onCount?.(numbers.length);
    });
    await reader.subscribeAsync(topic(), { qos: 1 });
    return numbers;
  };

  const firstNumbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

  it("publishes 5,000 messages at once, each of which is acknowledged, and received once and in order", async () => {
    const count = 5_000;
    const { page, problems } = await openPage();
    const numbers = await startReader();
    const url = `ws://127.0.0.1:${bench.broker.ports.ws}/mqtt`;
    const published = await runIn(page, "publishMany", {
      script,
      url,
      options: options(),
      topic: topic(),
      count,
      burst: 0,
    });
    expect(published).toMatchObject({ acked: count, failed: [], closes: 0 });
    await expect.poll(() => numbers.length).toBe(count);
    expect(numbers).toEqual(firstNumbers(count));
    expect(problems).toEqual([]);
  });

  // While mqtt.js resends unacknowledged messages, it queues new ones. If the connection is cut again meanwhile, the
  // callbacks of the queued messages get an error, so after a second cut some messages fail.
  it.each([
    { cuts: [800], maxFailed: 0 },
    { cuts: [400, 1_000], maxFailed: 3_000 },
  ])(
    "loses no message without an error when the connection is cut after $cuts messages",
    async ({ cuts, maxFailed }) => {
      const count = 3_000;
      await using proxy = await startCuttableProxy(bench.broker.ports.ws);
      const { page, problems } = await openPage();
      const numbers = await startReader((received) => {
        if (cuts.includes(received)) proxy.cut(300);
      });
      const published = await runIn(page, "publishMany", {
        script,
        url: `ws://127.0.0.1:${proxy.port}/mqtt`,
        options: options({ reconnectPeriod: 100 }),
        topic: topic(),
        count,
        burst: 20,
      });
      const { acked, failed, closes } = published;
      expect(acked + failed.length).toBe(count);
      expect(closes).toBeGreaterThan(0);
      expect(failed.length).toBeLessThanOrEqual(maxFailed);
      const accounted = (): number[] => [...new Set([...numbers, ...failed])].toSorted((a, b) => a - b);
      await expect.poll(accounted).toEqual(firstNumbers(count));
      expect(problems).toEqual([]);
    },
  );

  it("calls back for each publish, with an error for unacknowledged ones, when the connection is lost", async () => {
    const count = 3_000;
    // The broker gets a part of the messages, of about 300 bytes each.
    await using proxy = await startCuttableProxy(bench.broker.ports.ws, { cutAfterBytes: 120_000 });
    const { page, problems } = await openPage();
    const numbers = await startReader();
    const url = `ws://127.0.0.1:${proxy.port}/mqtt`;
    const publication = { script, url, options: options(), topic: topic(), count, burst: 0, endsOnClose: true };
    const { acked, failed, closes } = await runIn(page, "publishMany", publication);
    expect([acked + failed.length, closes]).toEqual([count, 1]);
    await expect.poll(() => numbers.length).toBeGreaterThanOrEqual(acked);
    expect(problems).toEqual([]);
  });

  it("subscribes, and receives a message with its properties", async () => {
    const reader = await bench.connectReader();
    onTestFinished(() => reader.endAsync());
    reader.on("message", (_, __, { properties }) => {
      const { responseTopic = "", correlationData = Buffer.alloc(0) } = properties ?? {};
      reader.publish(responseTopic, "zażółć 🍏", {
        qos: 1,
        properties: { correlationData, contentType: "text/plain" },
      });
    });
    await reader.subscribeAsync(topic(), { qos: 1 });
    const { page, problems } = await openPage();
    const receipts = receiptsTopic(app(), clientId);
    const url = `ws://127.0.0.1:${bench.broker.ports.ws}/mqtt`;
    expect(await runIn(page, "converse", { script, url, options: options(), topic: topic(), receipts })).toEqual({
      reasonCode: 0,
      granted: [expect.objectContaining({ topic: receipts, qos: 1 })],
      // mqtt.js passes the published packet, not the PUBACK.
      callbackPacket: "publish",
      received: {
        at: receipts,
        text: "zażółć 🍏",
        same: "zażółć 🍏",
        correlation: "batch-1",
        contentType: "text/plain",
        qos: 1,
      },
      events: ["connect", "close", "end"],
    });
    expect(problems).toEqual([]);
  });

  it("reports why the connection is refused, and closes", async () => {
    const { page, problems } = await openPage();
    const url = `ws://127.0.0.1:${bench.broker.ports.ws}/mqtt`;
    const refused = await runIn(page, "fail", { script, url, options: options({ password: "wrong" }) });
    expect(refused).toEqual([["Connection refused: Not authorized", 0x87]]);
    expect(problems).toEqual([]);
  });

  it("closes without an error where no server listens", async () => {
    const { page, problems } = await openPage();
    expect(await runIn(page, "fail", { script, url: "ws://127.0.0.1:9/mqtt", options: options() })).toEqual([]);
    expect(problems).toEqual([]);
  });
});
