/**
 * What a client costs a page, in Chromium: time within the calls, all tasks of the main thread, memory, and bytes sent.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { transform } from "esbuild";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { startBrowser } from "../../tests/support/browser.ts";
import type { Bundle } from "./bundle.ts";
import { startCollector } from "./collector.ts";
import type * as inPage from "./in-page.ts";
import { startMqttLine } from "./mqtt-line.ts";

const WARM_UP = { word: "Warm-up", bursts: 5, burst: 10, gapMs: 20 };
const BURSTS = { word: "Order", bursts: 50, burst: 20, gapMs: 20 };
export const LOGS = BURSTS.bursts * BURSTS.burst;
/** Clients start late what they load lazily, and send late what they collect. */
const SETTLE_MS = 3_000;
const DRAIN_MS = 6_000;
const BYTES_PER_KB = 1_024;

export interface Cost {
  readonly loadMs: number;
  readonly startMs: number;
  /** Within the calls, per log: one number a burst. */
  readonly callsUs: readonly number[];
  /** All tasks of the main thread, per log, the measuring's own included. */
  readonly tasksUs: number;
  /** What is kept after everything was sent. */
  readonly heapKb: number;
  readonly requests: number;
  readonly bytes: number;
  /** Of the 1,000, within the time. */
  readonly arrived: number;
}

export interface CostBench extends AsyncDisposable {
  measure(bundle: Bundle): Promise<Cost>;
}

/** Pages that may use precise clocks, and which load what `files` holds. */
const servePages = async (files: Map<string, Uint8Array>): Promise<{ readonly origin: string } & AsyncDisposable> => {
  const server = createServer(({ url = "/" }, response) => {
    const file = files.get(url.slice(1));
    response.writeHead(200, {
      "content-type": file === undefined ? "text/html" : "text/javascript",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(file ?? '<!doctype html><title>bench</title><link rel="icon" href="data:,">');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

type Name = "begin" | "logBursts";
const runIn = <Key extends Name>(
  page: Page,
  name: Key,
  arg: Parameters<(typeof inPage)[Key]>[0],
): Promise<Awaited<ReturnType<(typeof inPage)[Key]>>> =>
  page.evaluate(`import("/in-page.js").then((module) => module.${name}(${JSON.stringify(arg)}))`);

const readTasksMs = async (devtools: CDPSession): Promise<number> => {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
};

const readHeapKb = async (devtools: CDPSession): Promise<number> => {
  await devtools.send("HeapProfiler.collectGarbage");
  return (await devtools.send("Runtime.getHeapUsage")).usedSize / BYTES_PER_KB;
};

const openPage = async (context: BrowserContext, origin: string): Promise<[Page, CDPSession]> => {
  const page = await context.newPage();
  await page.goto(origin);
  // Compiled and kept, so that it does not count as the client's.
  await page.evaluate('import("/in-page.js")');
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  return [page, devtools];
};

export const startCostBench = async (): Promise<CostBench> => {
  await using stack = new AsyncDisposableStack();
  const source = await readFile(new URL("in-page.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts" });
  const files = new Map<string, Uint8Array>([["in-page.js", Buffer.from(code)]]);
  const { origin } = stack.use(await servePages(files));
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
