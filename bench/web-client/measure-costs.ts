/**
 * The cost of a client for a page in Chromium: time of the calls, main-thread tasks, memory, and bytes sent.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession } from "playwright-core";
import { startBrowser } from "../../tests/support/browser.ts";
import { openPage, readTasksMs, runIn, servePages } from "./bench-page.ts";
import type { Bundle } from "./bundle.ts";
import { startCollector } from "./collector.ts";
import { startMqttLine } from "./mqtt-line.ts";

const WARM_UP = { word: "Warm-up", bursts: 5, burst: 10, gapMs: 20 };
const BURSTS = { word: "Order", bursts: 50, burst: 20, gapMs: 20 };
export const LOGS = BURSTS.bursts * BURSTS.burst;
/** Time for clients to load their lazy parts, and to send the collected logs. */
const SETTLE_MS = 3_000;
const DRAIN_MS = 6_000;
const BYTES_PER_KB = 1_024;

export interface Cost {
  readonly loadMs: number;
  readonly startMs: number;
  /** Duration of one call that logs: one mean value for each burst. */
  readonly callsUs: readonly number[];
  /** Duration of all main-thread tasks per log, including the measurement itself. */
  readonly tasksUs: number;
  /** Memory in use after everything was sent. */
  readonly heapKb: number;
  readonly requests: number;
  readonly bytes: number;
  /** Number of the 1,000 logs that the collector received within the time limit. */
  readonly arrived: number;
}

export interface CostBench extends AsyncDisposable {
  measure(bundle: Bundle): Promise<Cost>;
}

const readHeapKb = async (devtools: CDPSession): Promise<number> => {
  await devtools.send("HeapProfiler.collectGarbage");
  return (await devtools.send("Runtime.getHeapUsage")).usedSize / BYTES_PER_KB;
};

export const startCostBench = async (): Promise<CostBench> => {
  await using stack = new AsyncDisposableStack();
  const { origin, files } = stack.use(await servePages());
  const collector = stack.use(await startCollector());
  const line = stack.use(await startMqttLine(collector.bodies));
  const { context } = stack.use(await startBrowser());
  const { endpoint, bodies } = collector;
  const { mqttUrl, app, key } = line;
  const readTraffic = (): { bytes: number; requests: number } => ({
    bytes: collector.traffic.bytes + line.traffic.bytes,
    requests: collector.traffic.requests + line.traffic.requests,
  });

  const rest = stack.move();
  return {
    async measure({ files: own, entry }) {
      for (const [path, contents] of own) files.set(path, contents);
      const [page, devtools] = await openPage(context, origin);
      const heapBeforeKb = await readHeapKb(devtools);
      const begun = await runIn(page, "begin", { script: `/${entry}`, endpoint, mqttUrl, app, key });
      await runIn(page, "logBursts", WARM_UP);
      await sleep(SETTLE_MS);

      bodies.length = 0;
      const before = readTraffic();
      const tasksBeforeMs = await readTasksMs(devtools);
      const callsUs = await runIn(page, "logBursts", BURSTS);
      await sleep(DRAIN_MS);
      const tasksUs = (((await readTasksMs(devtools)) - tasksBeforeMs) * 1_000) / LOGS;
      const after = readTraffic();
      const heapKb = (await readHeapKb(devtools)) - heapBeforeKb;
      const arrived = new Set(bodies.flatMap((body) => body.match(/Order \d+ placed/g) ?? [])).size;
      await page.close();
      return {
        ...begun,
        callsUs,
        tasksUs,
        heapKb,
        arrived,
        bytes: after.bytes - before.bytes,
        requests: after.requests - before.requests,
      };
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
