/**
 * The time from `log()` in a page until its receipt, until the log is visible in the live tail, and until a search finds it,
 * while another app sends half of what the stack can store. A quantile is that of a round.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createApp, withApps } from "../../tests/support/security/apps.ts";
import { startBrowser } from "../../tests/support/browser.ts";
import { openWorkerOriginPage } from "../../tests/support/worker-origin-page.ts";
import { quantile } from "../quantile.ts";
import type { Row } from "../row.ts";
import { measureDrain } from "../support/drain.ts";
import { warmUp } from "../support/drain-rounds.ts";
import { toFigure, type Figure, type Mark } from "../support/figure.ts";
import { deleteLogs } from "../support/logs.ts";
import { startSteadyLoad } from "../support/steady-load.ts";
import type { TailRun, TailTimes } from "../tail-page.ts";

const LOAD_APP = "load";

/** The relay reads the list of users each second, and opens a session for the new app. */
const SESSION_MS = 5_000;

/** A single drain differs from the next one by a quarter, and the latency grows steeply with the load. */
const DRAINS = 3;

/** In a round. */
const LOGS = 300;
const PAUSE_MS = 50;
/** Rounds before the measured ones, in which OpenSearch compiles the code of searches. */
const WARM_UP_ROUNDS = 2;

/** OpenSearch refreshes an index once a second by default. */
const REFRESH_INTERVAL_MS = 1_000;

const MARKS: Readonly<Record<keyof TailTimes, readonly [label: string, p99: Mark]>> = {
  storedMs: ["log() until receipt", { atMost: 250 }],
  visibleMs: ["log() until live tail", { atMost: 150 }],
  searchableMs: ["log() until searchable", { atMost: REFRESH_INTERVAL_MS + 300 }],
};

/** Logs that did not arrive count as infinitely late. */
const toNumbers = (times: readonly (number | undefined)[]): readonly number[] =>
  times.map((ms) => ms ?? Number.POSITIVE_INFINITY);

export const latency: Row = {
  name: "latency",
  summary: "log() until receipt, live tail and search result at half load",
  run: async ({ stack: openStack, home, events, rounds, log }) => {
    const stack = await openStack();
    const key = await withApps(await home(), (registry) => createApp(registry, LOAD_APP));
    await sleep(SESSION_MS);
    await warmUp(stack);
    const drained: number[] = [];
    for (let i = 0; i < DRAINS; i += 1) drained.push((await measureDrain(stack, events, 1)).eventsPerSecond);
    await using browser = await startBrowser();
    const page = await browser.context.newPage();
    const { app, readerToken, worker, mqtt: url } = stack.file;
    await openWorkerOriginPage(page, worker, new URL("../tail-page.ts", import.meta.url));
    await page.waitForFunction(() => "runTail" in window);
    const run: TailRun = {
      logger: { app: app.id, key: app.key, endpoint: worker, transport: "mqtt" },
      readerToken,
      how: "info",
      logs: LOGS,
      pauseMs: PAUSE_MS,
    };
    const measure = (): Promise<TailTimes> =>
      page.evaluate(
        (options) => (window as unknown as { runTail: (run: TailRun) => Promise<TailTimes> }).runTail(options),
        run,
      );
    const messagesPerSecond = Math.round(quantile(drained, 0.5) / 2);
    log(`latency: ${messagesPerSecond} messages/s of another app`);
    await using _load = await startSteadyLoad({ url, app: LOAD_APP, key, messagesPerSecond });
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await measure();
    const measured: TailTimes[] = [];
    for (let round = 0; round < rounds; round += 1) measured.push(await measure());
    const figures: Figure[] = [toFigure([messagesPerSecond], { name: "load", unit: "messages/s" })];
    for (const [name, [label, mark]] of Object.entries(MARKS)) {
      const quantilesAt = (part: number): readonly number[] =>
        measured.map((times) => quantile(toNumbers(times[name as keyof TailTimes]), part));
      figures.push(
        toFigure(quantilesAt(0.5), { name: `${label}, p50`, unit: "ms" }),
        toFigure(quantilesAt(0.99), { name: `${label}, p99`, unit: "ms", mark }),
      );
    }
    await page.close();
    await deleteLogs(stack);
    return { figures };
  },
};
