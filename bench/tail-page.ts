/** Script of the benchmark page: a logger and a live tail in one page, so both use one clock. */
import { logsTopic } from "#contract/wire/topics.ts";
import { createLogger, type LoggerOptions } from "../web-client/logger/index.ts";
import { startTail } from "../web-client/console/live/start-tail.ts";
import { connect } from "../web-client/mqtt-slim/entry.ts";

export interface TailRun {
  readonly logger: Pick<LoggerOptions, "app" | "key" | "endpoint" | "transport">;
  readonly readerToken: string;
  /** Log level, or `publish`: a separate MQTT message without the logger. */
  readonly how: "info" | "error" | "publish";
  readonly logs: number;
  /** Average pause between two logs. */
  readonly pauseMs: number;
}

/** Milliseconds since each `log()`; `undefined` if the log did not arrive. */
export interface TailTimes {
  /** Until the receipt. All `undefined` with `publish`. */
  readonly storedMs: readonly (number | undefined)[];
  readonly visibleMs: readonly (number | undefined)[];
  readonly searchableMs: readonly (number | undefined)[];
}

type OnStored = (body: string) => void;

interface Sender {
  readonly send: (body: string) => void;
  readonly close: () => Promise<void>;
}

const POLL_MS = 50;
const DEADLINE_MS = 20_000;
/** The clock of `performance` may differ from that of the events' times. */
const CLOCK_TOLERANCE_MS = 1_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const startPublisher = async ({ app, key }: TailRun["logger"]): Promise<Sender> => {
  const clientId = crypto.randomUUID();
  const url = new URL("/mqtt", location.origin.replace("http", "ws")).href;
  const client = connect(url, { protocolVersion: 5, clientId, username: app, password: key, timerVariant: "native" });
  await new Promise((resolve) => client.once("connect", resolve));
  return {
    send: (body) => {
      const event = { id: crypto.randomUUID(), time: Date.now(), body };
      client.publish(logsTopic(app, clientId), JSON.stringify(event), { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
};

const startLogger = async (
  options: TailRun["logger"],
  level: "info" | "error",
  onStored: OnStored,
): Promise<Sender> => {
  const log = createLogger(options);
  const bodies = new Map<string, string>();
  log.onSettled((settlements) => {
    for (const { id, state } of settlements) {
      const body = bodies.get(id);
      if (state === "stored" && body !== undefined) onStored(body);
    }
  });
  // The logger sends the first logs of a page over HTTP while MQTT connects.
  log[level]("first");
  await log.flush();
  const deadline = performance.now() + DEADLINE_MS;
  while (log.status.transport !== "mqtt") {
    if (performance.now() > deadline) throw new Error("The logger did not connect over MQTT.");
    await sleep(POLL_MS);
  }
  return {
    send: (body) => void bodies.set(log[level](body, { "url.path": "/checkout" }), body),
    close: async () => {
      await log.close();
    },
  };
};

const runTail = async ({ logger, readerToken, how, logs, pauseMs }: TailRun): Promise<TailTimes> => {
  const word = `bench${crypto.randomUUID().slice(0, 8)}`;
  const [logged, stored, visible, searchable] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const record = (times: Map<string, number>, body: string): void => {
    if (logged.has(body) && !times.has(body)) times.set(body, performance.now());
  };
  const live = Promise.withResolvers<void>();
  const tail = startTail({
    token: readerToken,
    onEvents: (events) => events.forEach(({ document: { body } }) => record(visible, body)),
    onState: (state) => (state === "live" ? live.resolve() : undefined),
  });
  await live.promise;
  const sender = await (how === "publish"
    ? startPublisher(logger)
    : startLogger(logger, how, (body) => record(stored, body)));

  const send = async (): Promise<void> => {
    for (let i = 0; i < logs; i += 1) {
      const body = `${word} ${i}`;
      logged.set(body, performance.now());
      sender.send(body);
      await sleep(Math.random() * 2 * pauseMs);
    }
  };
  /** Searches only for logs that are not found yet, because each hit costs CPU time in OpenSearch, the Worker and the page. */
  const poll = async (): Promise<void> => {
    const [, loggedAt] = [...logged].find(([body]) => !searchable.has(body)) ?? [];
    if (loggedAt === undefined) return;
    const from = new Date(performance.timeOrigin + loggedAt - CLOCK_TOLERANCE_MS).toISOString();
    const path = `/search?app=demo&from=${from}&limit=1000&q=${word}`;
    const response = await fetch(path, { headers: { authorization: `Bearer ${readerToken}` } });
    const { hits } = (await response.json()) as { hits: { document: { body: string } }[] };
    for (const { document } of hits) record(searchable, document.body);
  };
  const sending = send();
  const deadline = performance.now() + logs * pauseMs + DEADLINE_MS;
  while (searchable.size < logs && performance.now() < deadline) {
    await poll();
    await sleep(POLL_MS);
  }
  await sending;
  tail.stop();
  await sender.close();
  const since = (times: ReadonlyMap<string, number>) =>
    [...logged].map(([body, at]) => {
      const seen = times.get(body);
      return seen === undefined ? undefined : seen - at;
    });
  return { storedMs: since(stored), visibleMs: since(visible), searchableMs: since(searchable) };
};

Object.assign(window, { runTail });
