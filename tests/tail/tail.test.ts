/** The live tail end to end: a page receives events as they are then stored. */
import { gzipSync } from "node:zlib";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ReaderRecord } from "#contract/store/app-record.ts";
import { MAX_TAIL_UNREAD_BYTES } from "#contract/wire/limits.ts";
import { READER_USERNAME, TAIL_SKIPPED_TOPIC } from "#contract/wire/topics.ts";
import { openLocalKv } from "../../stack/apps/kv.ts";
import { startTail, type Tail, type TailEvent } from "../../web-client/console/live/start-tail.ts";
import { startBrowser } from "../support/browser.ts";
import { startPublisher, type Publisher } from "../support/mqtt-publisher.ts";
import { openWorkerOriginPage } from "../support/worker-origin-page.ts";
import { createReader, removeReader } from "../support/readers.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;
let publisher: Publisher;
const tails: Tail[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  const { mqtt: url, app } = stack.file;
  publisher = await startPublisher({ url, app: app.id, key: app.key });
});
afterEach(() => {
  for (const tail of tails.splice(0)) tail.stop();
});
afterAll(async () => {
  await publisher?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

interface Watched {
  readonly tail: Tail;
  readonly events: TailEvent[];
  readonly states: string[];
  missed: number;
  readonly missedReasons: Set<string>;
}

const watch = (token = stack.file.readerToken): Watched => {
  const [events, states]: [TailEvent[], string[]] = [[], []];
  const watched = { events, states, missed: 0, missedReasons: new Set<string>() };
  const tail = startTail({
    token,
    origin: stack.file.worker,
    connect: mqtt.connect,
    onEvents: (more) => events.push(...more),
    onMissed: (messages, reason) => {
      watched.missed += messages;
      watched.missedReasons.add(reason);
    },
    onState: (state, reason) => states.push(reason === undefined ? state : `${state}: ${reason}`),
  });
  tails.push(tail);
  return Object.assign(watched, { tail });
};

const waitUntil = (description: string, isDone: () => boolean): Promise<boolean> =>
  stack.waitFor(
    description,
    async () => isDone(),
    (done) => done,
  );

/** `toReader` gets the current time, after KV is open, so a short expiry is not used up by opening KV. */
const createToken = async (toReader: (nowMs: number) => ReaderRecord): Promise<string> => {
  await using kv = await openLocalKv(stack.home);
  return await createReader(kv, toReader(Date.now()));
};

describe("an event", () => {
  it.each([
    {
      note: "in a batch",
      make: (body: string) =>
        JSON.stringify({
          v: 1,
          id: uuidv7(),
          resource: { "service.name": "shop", "host.arch": "arm64" },
          attributes: { "session.id": "s1", "feature.flag": "blue" },
          events: [{ id: uuidv7(), severity: "warn", body, attributes: { "user.id": "u1", "cart.items": 3 } }],
        }),
    },
    {
      note: "in a gzipped batch without event ids",
      make: (body: string) =>
        gzipSync(JSON.stringify({ v: 1, id: uuidv7(), events: [{ time: Date.now(), body }, { body: "2" }] })),
    },
    {
      note: "without a batch",
      make: (body: string) => JSON.stringify({ id: uuidv7(), body, time: Date.now() - 5_000 }),
    },
  ])("is shown as it will be stored: $note", async ({ make }) => {
    const watched = watch();
    await waitUntil("the tail", () => watched.states.includes("live"));
    const body = `seen ${uuidv7()}`;
    const publishedAt = Date.now();
    await publisher.publish(make(body));
    await waitUntil("the event", () => watched.events.some(({ document }) => document.body === body));
    const seen = watched.events.find(({ document }) => document.body === body)!;
    const [hit] = await stack.waitFor(
      "the document",
      () => stack.search("logs-*", { term: { "log.record.uid": seen.id } }),
      (hits) => hits.length > 0,
    );
    const { edgelog, observedTimestamp, ...stored } = hit!._source;
    const { edgelog: shown, observedTimestamp: _, ...document } = seen.document;
    expect(document).toEqual(stored);
    expect(shown).toMatchObject({ app: "demo", transport: "mqtt", client: edgelog.client, dialect: edgelog.dialect });
    for (const time of [seen.receivedAt, Date.parse(observedTimestamp)]) {
      expect(time).toBeGreaterThanOrEqual(publishedAt);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  });

  it("reaches a page with the console's security policy and the slim mqtt.js", async () => {
    await using browser = await startBrowser();
    const page = await browser.context.newPage();
    const { worker, readerToken } = stack.file;
    await openWorkerOriginPage(page, worker, new URL("../support/tail-page.ts", import.meta.url));
    await page.waitForFunction(() => "watchTail" in window);
    await page.evaluate((token) => window.watchTail(token), readerToken);
    await page.waitForFunction(() => document.title === "live");
    const [body, id] = [`in a page ${uuidv7()}`, uuidv7()];
    await publisher.publish(gzipSync(JSON.stringify({ v: 1, id: uuidv7(), events: [{ id, body }] })));
    await page.waitForFunction(() => window.tailEvents.length > 0);
    const [seen] = await page.evaluate(() => window.tailEvents);
    expect(seen).toMatchObject({ id, app: "demo", document: { body, log: { record: { uid: id } } } });
  });

  it("without an id is shown without one, and messages that only the Worker can decode are counted", async () => {
    const watched = watch();
    await waitUntil("the tail", () => watched.states.includes("live"));
    await publisher.publish("plain text");
    await publisher.publish('{"body":"first"}\n{"body":"second"}');
    await publisher.publish("{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}");
    await publisher.publish('{"body":1}');
    await waitUntil("all of them", () => watched.missed === 2 && watched.events.length >= 3);
    expect([...watched.missedReasons]).toEqual(["undecoded"]);
    expect(watched.events.map(({ id, document }) => [id, document.body])).toEqual([
      [undefined, "plain text"],
      [undefined, "first"],
      [undefined, "second"],
    ]);
  });
});

describe("a page that stops reading", () => {
  const MESSAGES = 3_000;
  const BODY = "x".repeat(1_000);

  it("receives at most the unread limit, and does not delay other clients", async () => {
    const watched = watch();
    await waitUntil("the tail", () => watched.states.includes("live"));
    const client = await mqtt.connectAsync(`${stack.file.worker.replace("http", "ws")}/tail`, {
      protocolVersion: 5,
      username: READER_USERNAME,
      password: stack.file.readerToken,
      reconnectPeriod: 0,
    });
    const reading = Promise.withResolvers<void>();
    let [got, skipped] = [0, 0];
    client.handleMessage = ({ topic, payload }, done) => {
      if (topic === TAIL_SKIPPED_TOPIC) skipped = Number(payload.toString());
      else got += 1;
      reading.promise.then(() => done(), done);
    };
    await client.subscribeAsync("logs/demo/+", { qos: 0 });

    const ids = Array.from({ length: MESSAGES }, () => uuidv7());
    for (let sent = 0; sent < MESSAGES; sent += 50)
      await Promise.all(
        ids.slice(sent, sent + 50).map((id) => publisher.publish(JSON.stringify({ id, body: BODY }), id)),
      );
    // Other clients: every event has its receipt, the broker dropped none, and the other tail received or counted all.
    await waitUntil("all receipts", () => ids.every((id) => publisher.receipts.has(id)));
    await waitUntil("the other tail", () => watched.events.length + watched.missed >= MESSAGES);
    const health = (await (await fetch(stack.file.relayHealth)).json()) as { brokerDroppedMessages?: number };
    expect(health.brokerDroppedMessages ?? 0).toBe(0);
    expect(got).toBeLessThanOrEqual(1);

    reading.resolve();
    await waitUntil("the count", () => got + skipped === MESSAGES);
    expect(got * BODY.length).toBeLessThan(MAX_TAIL_UNREAD_BYTES + BODY.length);
    await client.endAsync(true);
  });
});

describe("a tail", () => {
  it("ends when its token expires, and does not reconnect", async () => {
    const token = await createToken((nowMs) => ({ apps: ["demo"], expiresAt: new Date(nowMs + 15_000).toISOString() }));
    const watched = watch(token);
    await waitUntil("the tail", () => watched.states.includes("live"));
    await waitUntil("its end", () => watched.states.some((state) => state.startsWith("off")));
    expect(watched.states).toEqual(["connecting", "live", "off: token_expired"]);
  });

  it("cannot connect with a revoked token", async () => {
    const token = await createToken(() => ({ apps: ["demo"] }));
    const watched = watch(token);
    await waitUntil("the tail", () => watched.states.includes("live"));
    watched.tail.stop();
    {
      await using kv = await openLocalKv(stack.home);
      await removeReader(kv, token);
    }
    const again = watch(token);
    await waitUntil("the refusal", () => again.states.length === 2);
    expect(again.states).toEqual(["connecting", "off: invalid_credentials"]);
    const url = `${stack.file.worker.replace("http", "ws")}/tail`;
    const options = { protocolVersion: 5, username: READER_USERNAME, password: token, reconnectPeriod: 0 } as const;
    await expect(mqtt.connectAsync(url, options, false)).rejects.toThrow(/Bad User Name or Password/i);
  });

  it("reconnects after a restart of the broker", async () => {
    const watched = watch();
    await waitUntil("the tail", () => watched.states.includes("live"));
    const { broker } = stack.services;
    await broker.stop();
    await waitUntil("its end", () => watched.states.includes("off: broker_unavailable"));
    await broker.start();
    await waitUntil("another", () => watched.states.at(-1) === "live");
    expect(watched.states.slice(0, 3)).toEqual(["connecting", "live", "off: broker_unavailable"]);
  });
});
