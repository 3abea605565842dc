/** What runs in the page: a logger and a live tail side by side, and a clock. */
import { createLogger, type LoggerOptions } from "../web-client/src/index.ts";
import { startTail } from "../web-client/console/live/start-tail.ts";

export interface TailRun {
  readonly logger: Pick<LoggerOptions, "app" | "key" | "endpoint" | "transport" | "tuning">;
  readonly readerToken: string;
  readonly level: "info" | "error";
  readonly logs: number;
  /** Between two logs, on average. */
  readonly pauseMs: number;
}

/** Milliseconds from each `log()`; `undefined` where it never came. */
export interface TailTimes {
  readonly visibleMs: readonly (number | undefined)[];
  readonly searchableMs: readonly (number | undefined)[];
  readonly transport: string | undefined;
}

const POLL_MS = 50;
const DEADLINE_MS = 20_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const runTail = async ({ logger, readerToken, level, logs, pauseMs }: TailRun): Promise<TailTimes> => {
  const word = `bench${crypto.randomUUID().slice(0, 8)}`;
  const [logged, visible, searchable] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const note = (times: Map<string, number>, body: string): void => {
    if (logged.has(body) && !times.has(body)) times.set(body, performance.now());
  };
  const live = Promise.withResolvers<void>();
  const tail = startTail({
    token: readerToken,
    onEvents: (events) => events.forEach(({ document: { body } }) => note(visible, body)),
    onState: (state) => (state === "live" ? live.resolve() : undefined),
  });
  await live.promise;
  const log = createLogger(logger);
  // The first logs of a page go by a request while the connection is made.
  log[level]("first");
  await log.flush();
  await sleep(1_000);

  const poll = async (): Promise<void> => {
    const path = `/search?app=demo&from=now-5m&limit=1000&q=${word}`;
    const response = await fetch(path, { headers: { authorization: `Bearer ${readerToken}` } });
    const { hits } = (await response.json()) as { hits: { document: { body: string } }[] };
    for (const { document } of hits) note(searchable, document.body);
  };
  for (let i = 0; i < logs; i += 1) {
    const body = `${word} ${i}`;
    logged.set(body, performance.now());
    log[level](body, { n: i, "url.path": "/checkout" });
    await sleep(Math.random() * 2 * pauseMs);
    if (i % Math.ceil(POLL_MS / pauseMs) === 0) poll().catch(() => undefined);
  }
  const deadline = performance.now() + DEADLINE_MS;
  while (searchable.size < logs && performance.now() < deadline) {
    await poll();
    await sleep(POLL_MS);
  }
  const { transport } = log.status;
  tail.stop();
  await log.close();
  const since = (times: ReadonlyMap<string, number>) =>
    [...logged].map(([body, at]) => {
      const seen = times.get(body);
      return seen === undefined ? undefined : seen - at;
    });
  return { visibleMs: since(visible), searchableMs: since(searchable), transport };
};

Object.assign(window, { runTail });
