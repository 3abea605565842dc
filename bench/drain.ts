/**
 * Measures how fast a backlog drains from the broker until it is searchable, relative to the throughput of OpenSearch's bulk
 * API with the same documents and mapping, and the memory of the relay while OpenSearch is unavailable. Compare the ratios
 * between machines, not the absolute numbers.
 *
 *   npm run bench [-- --json] [-- --events 50000]
 */
import { readFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic } from "#contract/wire/topics.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { queryOpenSearch } from "../tests/support/query-opensearch.ts";
import { median } from "./quantile.ts";
import { planDelivery } from "../worker/src/ingest/plan-delivery.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    events: { type: "string", default: "50000" },
    waiting: { type: "string", default: "100000" },
  },
});
const EVENTS = Number(values.events);
const WAITING = Number(values.waiting);
const PUBLISH_WINDOW = 1_000;
const RUNS = 3;

const makePayload = (count: number): string =>
  JSON.stringify({
    v: 1,
    id: uuidv7(),
    resource: { "service.name": "bench", "service.version": "1.0.0", "deployment.environment.name": "bench" },
    attributes: { "session.id": "0a52c1c4", "user.id": "u-1042" },
    events: Array.from({ length: count }, (_, i) => ({
      id: uuidv7(),
      severity: i % 10 === 0 ? "error" : "info",
      body: `GET /api/products/${i} answered in ${i % 400} ms`,
      attributes: {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.path": `/api/products/${i}`,
        n: i,
      },
    })),
  });

const perSecond = (events: number, ms: number): number => Math.round((events / ms) * 1_000);

const countLogs = async (stack: Stack): Promise<number> => {
  await queryOpenSearch(stack.file.opensearch, "/logs-*/_refresh");
  return (await queryOpenSearch<{ count: number }>(stack.file.opensearch, "/logs-*/_count")).count;
};

/** Events per second of the bulk API, with the documents that the Worker writes. */
const measureBulk = async (stack: Stack, bulkSize: number, concurrency: number): Promise<number> => {
  const bulks: string[] = [];
  for (let start = 0; start < EVENTS; start += bulkSize) {
    const lines: string[] = [];
    for (let i = start; i < Math.min(start + bulkSize, EVENTS); i += 500) {
      const payload = new TextEncoder().encode(makePayload(Math.min(500, EVENTS - i)));
      const { events } = planDelivery(
        { stamp: uuidv7(), transport: "mqtt", app: "demo", client: "bench", payload },
        90,
      );
      for (const { newDocument } of events) {
        lines.push(`{"create":{"_index":"${newDocument.index}","_id":"${newDocument.id}"}}\n${newDocument.source}\n`);
      }
    }
    bulks.push(lines.join(""));
  }
  const started = performance.now();
  const sendBulks = async (): Promise<void> => {
    for (let body = bulks.pop(); body !== undefined; body = bulks.pop()) {
      await queryOpenSearch(stack.file.opensearch, "/_bulk?filter_path=items.create.status", body);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sendBulks));
  await queryOpenSearch(stack.file.opensearch, "/logs-*/_refresh");
  return perSecond(EVENTS, performance.now() - started);
};

const publishBacklog = async (stack: Stack, events: number, eventsPerMessage: number): Promise<void> => {
  const { app, mqtt: url } = stack.file;
  const clientId = `bench-${uuidv7()}`;
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId, username: app.id, password: app.key });
  const topic = logsTopic(app.id, clientId);
  for (let sent = 0; sent < events;) {
    const window: Promise<unknown>[] = [];
    for (let i = 0; i < PUBLISH_WINDOW && sent < events; i += 1, sent += eventsPerMessage) {
      window.push(client.publishAsync(topic, makePayload(eventsPerMessage), { qos: 1 }));
    }
    await Promise.all(window);
  }
  await client.endAsync();
};

const readMetric = async (stack: Stack, name: string): Promise<number> => {
  const text = await (await fetch(stack.file.relayHealth.replace("/healthz", "/metrics"))).text();
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
};

interface Drain {
  readonly eventsPerSecond: number;
  /** CPU time of the relay, without its start. */
  readonly relayCpuSeconds: number;
}

/** Measures from the first response of the relay until all events are searchable. */
const measureDrain = async (stack: Stack, events: number, eventsPerMessage: number): Promise<Drain> => {
  const { relay } = stack.services;
  await relay.stop();
  await publishBacklog(stack, events, eventsPerMessage);
  const before = await countLogs(stack);
  const starting = relay.start();
  while (
    !(await fetch(stack.file.relayHealth).then(
      () => true,
      () => false,
    ))
  )
    await sleep(2);
  const started = performance.now();
  const cpuBefore = await readMetric(stack, "process_cpu_seconds_total");
  await starting;
  while ((await readMetric(stack, "edgelog_relay_events_stored_total")) < events) await sleep(20);
  const stored = (await countLogs(stack)) - before;
  if (stored !== events) throw new Error(`${events} events were published and ${stored} are searchable`);
  const eventsPerSecond = perSecond(events, performance.now() - started);
  return { eventsPerSecond, relayCpuSeconds: (await readMetric(stack, "process_cpu_seconds_total")) - cpuBefore };
};

const readRssMb = async (pid: number | undefined, field: "VmRSS" | "VmHWM"): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1_024);
};

/** Measures the memory of the relay while events queue during an outage of OpenSearch, and after it. */
const measureWaiting = async (stack: Stack): Promise<{ rssMb: number; peakMb: number }> => {
  const { relay, opensearch } = stack.services;
  const before = await countLogs(stack);
  await opensearch.stop();
  await publishBacklog(stack, WAITING, 1);
  await sleep(2_000);
  const rssMb = await readRssMb(relay.pid, "VmRSS");
  await opensearch.start();
  while ((await countLogs(stack)) - before < WAITING) await sleep(200);
  return { rssMb, peakMb: await readRssMb(relay.pid, "VmHWM") };
};

const home = await mkdtemp(join(tmpdir(), "edgelog-bench-"));
const stack = await startStack({ home, ports: "ephemeral" });
try {
  await measureBulk(stack, 2_000, 2);
  await measureDrain(stack, 20_000, 10);
  const ceilings: number[] = [];
  const one: Drain[] = [];
  const fifty: Drain[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ceilings.push(await measureBulk(stack, 2_000, 3), await measureBulk(stack, 5_000, 2));
    one.push(await measureDrain(stack, EVENTS, 1));
    fifty.push(await measureDrain(stack, EVENTS, 50));
  }
  const ceiling = median(ceilings);
  const toRow = (name: string, drains: readonly Drain[]): object => {
    const eventsPerSecond = median(drains.map((drain) => drain.eventsPerSecond));
    const cpu = median(drains.map((drain) => drain.relayCpuSeconds));
    return {
      name,
      eventsPerSecond,
      ofCeiling: +(eventsPerSecond / ceiling).toFixed(2),
      relayCpuSeconds: +cpu.toFixed(2),
    };
  };
  const rows = [
    { name: "OpenSearch bulk API", eventsPerSecond: ceiling, ofCeiling: 1 },
    toRow("backlog, 1 event per message", one),
    toRow("backlog, 50 events per message", fifty),
  ];
  const waiting = { events: WAITING, ...(await measureWaiting(stack)) };
  if (values.json) console.log(JSON.stringify({ events: EVENTS, runs: RUNS, rows, waiting }));
  else {
    console.log(`${EVENTS} events, median of ${RUNS} runs`);
    console.table(rows);
    console.log(`Relay with ${waiting.events} queued events: ${waiting.rssMb} MB RSS, peak ${waiting.peakMb} MB`);
  }
} finally {
  await stack.stop();
  await rm(home, { recursive: true, force: true });
}
