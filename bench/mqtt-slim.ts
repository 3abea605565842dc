/**
 * Measures the cost of mqtt.js in a page: chunk size, main-thread time and memory of a connection, and 5,000 publishes.
 * Compares the build with shims to the published package, alternating, in Chromium against a real broker.
 *
 *   node bench/mqtt-slim.ts [--json] [--runs 5] [--sizes]
 */
import { parseArgs } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { IClientOptions } from "mqtt";
import { logsTopic } from "#contract/wire/topics.ts";
import { buildClient, type ClientKind } from "../tests/support/mqtt-slim/build-client.ts";
import { runIn, startClientBench, type ClientBench } from "../tests/support/mqtt-slim/client-bench.ts";
import { median } from "./quantile.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    sizes: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
  },
});
const RUNS = Number(values.runs);
const PUBLISHES = 5_000;
const BYTES_PER_KB = 1_024;

interface Variant {
  readonly name: string;
  readonly kind: ClientKind;
  readonly options: IClientOptions;
}

const VARIANTS: readonly Variant[] = [
  { name: "slim", kind: "slim", options: { writeCache: false } },
  { name: "as published, writeCache: false", kind: "stock", options: { writeCache: false } },
  { name: "as published", kind: "stock", options: {} },
];

const round = (value: number): number => Math.round(value * 10) / 10;

const measureSizes = async (kind: ClientKind): Promise<object> => {
  const code = Buffer.from((await buildClient(kind)).code);
  return {
    client: kind,
    min: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code).length,
  };
};

interface Cost {
  readonly importMs: number;
  readonly connectMs: number;
  /** Main-thread time from loading the chunk until the first PUBACK. */
  readonly tasksMs: number;
  readonly heapKb: number;
  readonly publishesMs: number;
}

const measureCost = async (bench: ClientBench, { kind, options }: Variant, run: number): Promise<Cost> => {
  const page = await bench.openPage();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const readTasksMs = async (): Promise<number> => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
  };
  const readHeapKb = async (): Promise<number> => {
    await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize / BYTES_PER_KB;
  };
  const clientId = `bench-${run}`;
  const connection = {
    script: `/${kind}.js`,
    url: `ws://127.0.0.1:${bench.broker.ports.ws}/mqtt`,
    topic: logsTopic(bench.credentials.username, clientId),
    options: {
      ...bench.credentials,
      clientId,
      protocolVersion: 5,
      reconnectPeriod: 0,
      timerVariant: "native",
      ...options,
    },
  } as const;
  const heapBeforeKb = await readHeapKb();
  const tasksBeforeMs = await readTasksMs();
  const cost = await runIn(page, "connectAndKeep", connection);
  const tasksMs = (await readTasksMs()) - tasksBeforeMs;
  const heapKb = (await readHeapKb()) - heapBeforeKb;
  const many = { ...connection, options: { ...connection.options, clientId: `${clientId}-many` } };
  const topic = logsTopic(bench.credentials.username, many.options.clientId);
  const published = await runIn(page, "publishMany", { ...many, topic, count: PUBLISHES, burst: 0 });
  await page.close();
  return { ...cost, tasksMs, heapKb, publishesMs: published.ackedInMs };
};

const measureCosts = async (): Promise<object[]> => {
  await using bench = await startClientBench();
  const costs = new Map<Variant, Cost[]>(VARIANTS.map((variant) => [variant, []]));
  // The first round warms up the browser and is not counted.
  for (let run = 0; run <= RUNS; run += 1) {
    for (const variant of VARIANTS) {
      const cost = await measureCost(bench, variant, run);
      if (run > 0) costs.get(variant)?.push(cost);
    }
  }
  return [...costs].map(([{ name }, each]) => {
    const middle = (key: keyof Cost): number => round(median(each.map((cost) => cost[key])));
    return {
      client: name,
      importMs: middle("importMs"),
      connectMs: middle("connectMs"),
      tasksMs: middle("tasksMs"),
      heapKb: middle("heapKb"),
      publishesMs: middle("publishesMs"),
    };
  });
};

const sizes = [await measureSizes("slim"), await measureSizes("stock")];
const costs = values.sizes ? [] : await measureCosts();
if (values.json) console.log(JSON.stringify({ runs: RUNS, publishes: PUBLISHES, sizes, costs }));
else {
  console.table(sizes);
  if (costs.length > 0) console.table(costs);
}
