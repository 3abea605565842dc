/** The live tail on the whole line: what a page is shown, and that it is what the store then has. */
import { dirname } from "node:path";
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
import { putReader, removeReader } from "../support/readers.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let line: TestStack;
let publisher: Publisher;
const tails: Tail[] = [];

const homeOf = ({ stack }: TestStack): string => dirname(dirname(dirname(stack.file.ca)));

beforeAll(async () => {
  line = await startTestStack();
  const { mqtt: url, app } = line.stack.file;
  publisher = await startPublisher({ url, app: app.id, key: app.key });
});
afterEach(() => {
  for (const tail of tails.splice(0)) tail.stop();
});
afterAll(async () => {
  await publisher?.[Symbol.asyncDispose]();
  await line?.[Symbol.asyncDispose]();
});

interface Watched {
  readonly tail: Tail;
  readonly events: TailEvent[];
  readonly states: string[];
  missed: number;
}

const watch = (token = line.stack.file.readerToken): Watched => {
  const [events, states]: [TailEvent[], string[]] = [[], []];
  const watched = { events, states, missed: 0 };
  const tail = startTail({
    token,
    origin: line.stack.file.worker,
    connect: mqtt.connect,
    onEvents: (more) => events.push(...more),
    onMissed: (messages) => (watched.missed += messages),
    onState: (state, reason) => states.push(reason === undefined ? state : `${state}: ${reason}`),
  });
  tails.push(tail);
  return Object.assign(watched, { tail });
};

const until = (what: string, isSo: () => boolean): Promise<boolean> =>
  line.waitFor(
    what,
    async () => isSo(),
    (so) => so,
    10_000,
  );

const withReader = async (reader: ReaderRecord): Promise<string> => {
  await using kv = await openLocalKv(homeOf(line));
  return await putReader(kv, reader);
};

describe("a log on its way", () => {
  it.each([
    {
      note: "of a batch",
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
      note: "of a batch with ids for the batch alone, gzipped",
      make: (body: string) =>
        gzipSync(JSON.stringify({ v: 1, id: uuidv7(), events: [{ time: Date.now(), body }, { body: "2" }] })),
    },
    { note: "by itself", make: (body: string) => JSON.stringify({ id: uuidv7(), body, time: Date.now() - 5_000 }) },
  ])("is seen as it will be stored: $note", async ({ make }) => {
    const watched = watch();
    await until("the tail", () => watched.states.includes("live"));
    const body = `seen ${uuidv7()}`;
    await publisher.publish(make(body));
    await until("the event", () => watched.events.some(({ document }) => document.body === body));
    const seen = watched.events.find(({ document }) => document.body === body)!;
    const [hit] = await line.waitFor(
      "the document",
      () => line.search("logs-*", { ids: { values: [seen.id] } }),
      (hits) => hits.length > 0,
    );
    const { edgelog, observedTimestamp, ...stored } = hit!._source;
    const { edgelog: shown, observedTimestamp: _, ...document } = seen.document;
    expect(document).toEqual(stored);
    expect(shown).toMatchObject({ app: "demo", transport: "mqtt", client: edgelog.client, dialect: edgelog.dialect });
    expect(Math.abs(seen.receivedAt - Date.parse(observedTimestamp))).toBeLessThan(5_000);
  });

  it("is seen by a page, with the console's policy and the small mqtt.js", async () => {
    await using browser = await startBrowser();
    const page = await browser.context.newPage();
    const { worker, readerToken } = line.stack.file;
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

  it("without an id has none, and what only the Worker reads is counted", async () => {
    const watched = watch();
    await until("the tail", () => watched.states.includes("live"));
    await publisher.publish("plain text");
    await publisher.publish('{"body":"first"}\n{"body":"second"}');
    await publisher.publish('{"body":1}');
    await until("all of them", () => watched.missed === 2);
    expect(watched.events.map(({ id, document }) => [id, document.body])).toEqual([[undefined, "plain text"]]);
  });
});

describe("a page that does not read", () => {
  const MESSAGES = 3_000;
  const BODY = "x".repeat(1_000);

  it("is sent what it may leave unread, and costs nobody else anything", async () => {
    const watched = watch();
    await until("the tail", () => watched.states.includes("live"));
    const client = await mqtt.connectAsync(`${line.stack.file.worker.replace("http", "ws")}/tail`, {
      protocolVersion: 5,
      username: READER_USERNAME,
      password: line.stack.file.readerToken,
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

    const before = publisher.receipts.size;
    for (let sent = 0; sent < MESSAGES; sent += 50)
      await Promise.all(
        Array.from({ length: 50 }, () => publisher.publish(JSON.stringify({ id: uuidv7(), body: BODY }))),
      );
    // As to the others: all has its receipt, the broker dropped nothing, and who reads has seen or been told of all.
    await until("all receipts", () => publisher.receipts.size - before === MESSAGES);
    await until("the other tail", () => watched.events.length + watched.missed >= MESSAGES);
    const health = (await (await fetch(line.stack.file.relayHealth)).json()) as { brokerDroppedMessages?: number };
    expect(health.brokerDroppedMessages ?? 0).toBe(0);
    expect(got).toBeLessThanOrEqual(1);

    reading.resolve();
    await until("the count", () => got + skipped === MESSAGES);
    expect(got * BODY.length).toBeLessThan(MAX_TAIL_UNREAD_BYTES + BODY.length);
    await client.endAsync(true);
  });
});

describe("the end of a tail", () => {
  it("comes with that of its token, and is final", async () => {
    const token = await withReader({ apps: ["demo"], expiresAt: new Date(Date.now() + 4_000).toISOString() });
    const watched = watch(token);
    await until("the tail", () => watched.states.includes("live"));
    await until("its end", () => watched.states.some((state) => state.startsWith("off")));
    expect(watched.states).toEqual(["connecting", "live", "off: token_expired"]);
  });

  it("a token that is revoked opens no other", async () => {
    const token = await withReader({ apps: ["demo"] });
    const watched = watch(token);
    await until("the tail", () => watched.states.includes("live"));
    watched.tail.stop();
    {
      await using kv = await openLocalKv(homeOf(line));
      await removeReader(kv, token);
    }
    const again = watch(token);
    await until("the refusal", () => again.states.length === 2);
    expect(again.states).toEqual(["connecting", "off: invalid_credentials"]);
    const url = `${line.stack.file.worker.replace("http", "ws")}/tail`;
    const options = { protocolVersion: 5, username: READER_USERNAME, password: token, reconnectPeriod: 0 } as const;
    await expect(mqtt.connectAsync(url, options, false)).rejects.toThrow(/Bad User Name or Password/i);
  });

  it("with the broker is followed by another beginning", async () => {
    const watched = watch();
    await until("the tail", () => watched.states.includes("live"));
    const { broker } = line.stack.services;
    await broker.stop();
    await until("its end", () => watched.states.includes("off: broker_unavailable"));
    await broker.start();
    await until("another", () => watched.states.at(-1) === "live");
    expect(watched.states.slice(0, 3)).toEqual(["connecting", "live", "off: broker_unavailable"]);
  });
});
