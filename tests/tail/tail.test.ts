/** The live tail on the whole line: what a page is shown, and that it is what the store then has. */
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ReaderRecord } from "../../contract/app-record.ts";
import { READER_USERNAME } from "../../contract/topics.ts";
import { openLocalKv } from "../../stack/apps/kv.ts";
import { startTail, type Tail, type TailEvent } from "../../web-client/console/live/start-tail.ts";
import { startPublisher, type Publisher } from "../support/mqtt-publisher.ts";
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

describe("the end of a tail", () => {
  it("comes with that of its token, and is final", async () => {
    const token = await withReader({ apps: ["demo"], expiresAt: new Date(Date.now() + 4_000).toISOString() });
    const watched = watch(token);
    await until("the tail", () => watched.states.includes("live"));
    await until("its end", () => watched.states.some((state) => state.startsWith("off")));
    expect(watched.states).toEqual(["connecting", "live", "off: token_expired"]);
    expect(watch(token).events).toEqual([]);
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
    const { broker } = line.stack.parts;
    await broker.stop();
    await until("its end", () => watched.states.includes("off: broker_unavailable"));
    await broker.start();
    await until("another", () => watched.states.at(-1) === "live");
  });
});
