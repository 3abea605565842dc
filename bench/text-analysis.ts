/**
 * Measures the cost of the text analyzers: `node bench/text-analysis.ts [RUNS]`. Loads the same logs into an index with the
 * `standard` analyzer and into one with the analyzers of the template, in turns, and prints the speed of the bulk requests and
 * the size of the index. Needs a quiet machine.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { createIndexTemplates } from "../opensearch/index-templates.ts";
import { startOpenSearch } from "../stack/services/opensearch.ts";
import { createRandom } from "../tests/support/random.ts";
import { queryOpenSearch } from "../tests/support/query-opensearch.ts";
import { planDelivery } from "../worker/src/ingest/plan-delivery.ts";

const BATCHES = 40;
const EVENTS_PER_BATCH = 500;
const DEFAULT_RUNS = 5;

/** One event of this number is an error with a stack trace. */
const ERROR_EVERY = 20;

const random = createRandom(7);
const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
const number = (max: number): number => Math.floor(random() * max);

const MESSAGES: readonly [() => string, ...(() => string)[]] = [
  () => `Checkout finished for order ${number(1e6)} after ${number(2_000)} ms`,
  () => `GET /api/v2/orders/${number(1e5)}/items responded with 200 in ${number(900)} ms`,
  () => `CartService.addItem: user=${number(1e4)} sku=SKU-${number(1e6)} payment_state=pending`,
  () => `Cache miss for session ${uuidv7()}, loading from com.example.shop.SessionStore`,
  () => `The basket of ann${number(999)}@example.com was restored from IndexedDB`,
];

const toFrame = (i: number): string =>
  `    at com.example.shop.${pick(["checkout", "cart", "payment"])}.${pick(["PaymentService", "HttpClientImpl", "CartController"])}.${pick(["payOrder", "sendRequest", "handle"])}(PaymentService.java:${100 + i})`;

const makeEvent = (i: number): object =>
  i % ERROR_EVERY === 0
    ? {
        severity: "error",
        body: "Payment failed",
        attributes: {
          "exception.type": "com.example.shop.PaymentDeclinedException",
          "exception.message": `Order ${number(1e6)} was declined by the bank`,
          "exception.stacktrace": Array.from({ length: 20 }, (_, n) => toFrame(n)).join("\n"),
        },
      }
    : { body: pick(MESSAGES)(), attributes: { "session.id": `s-${number(5_000)}`, "cart.items": number(20) } };

const makeBulks = (): readonly string[] =>
  Array.from({ length: BATCHES }, () => {
    const events = Array.from({ length: EVENTS_PER_BATCH }, (_, i) => makeEvent(i));
    const payload = new TextEncoder().encode(JSON.stringify({ v: 1, resource: { "service.name": "shop" }, events }));
    const plan = planDelivery({ stamp: uuidv7(), transport: "http", app: "shop", payload }, 30);
    return plan.events.map(({ newDocument: { id, source } }) => `{"create":{"_id":"${id}"}}\n${source}\n`).join("");
  });

interface IndexTemplate {
  readonly template: { readonly settings: Record<string, unknown>; readonly mappings: object };
}

/** Replaces the analyzers of the template with the default analyzer, and removes the subfield for words of `exception.type`. */
const toStandard = (mappings: object): object =>
  JSON.parse(
    JSON.stringify(mappings, (key, value: unknown) =>
      key === "analyzer" || key === "search_analyzer" || (key === "fields" && typeof value === "object")
        ? undefined
        : value,
    ),
  ) as object;

interface Measurement {
  readonly seconds: number;
  readonly bytes: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const run = async (url: string, runs: number): Promise<void> => {
  const { template } = createIndexTemplates()["edgelog-logs"] as unknown as IndexTemplate;
  // Merges and refreshes would be counted for the other index.
  const settings = { ...template.settings, refresh_interval: "-1", "translog.durability": "async" };
  const variants = { standard: toStandard(template.mappings), edgelog: template.mappings };
  const bulks = makeBulks();
  const measure = async (mappings: object): Promise<Measurement> => {
    await queryOpenSearch(url, "/bench", { settings, mappings }, "PUT");
    const started = performance.now();
    for (const bulk of bulks) {
      const { errors } = await queryOpenSearch<{ errors: boolean }>(url, "/bench/_bulk", bulk);
      if (errors) throw new Error("OpenSearch refused documents");
    }
    const seconds = (performance.now() - started) / 1_000;
    await queryOpenSearch(url, "/bench/_forcemerge?max_num_segments=1");
    await queryOpenSearch(url, "/bench/_flush");
    const stats = await queryOpenSearch<{ _all: { primaries: { store: { size_in_bytes: number } } } }>(
      url,
      "/bench/_stats/store",
      undefined,
      "GET",
    );
    await queryOpenSearch(url, "/bench", undefined, "DELETE");
    return { seconds, bytes: stats._all.primaries.store.size_in_bytes };
  };
  const results: Record<keyof typeof variants, Measurement[]> = { standard: [], edgelog: [] };
  // The first run of each warms up the JIT.
  for (let i = 0; i <= runs; i += 1) {
    for (const name of ["standard", "edgelog"] as const) {
      const measurement = await measure(variants[name]);
      if (i > 0) results[name].push(measurement);
    }
  }
  const events = BATCHES * EVENTS_PER_BATCH;
  for (const [name, measurements] of Object.entries(results)) {
    const rate = Math.round(events / median(measurements.map(({ seconds }) => seconds)));
    const bytes = Math.round(median(measurements.map((each) => each.bytes)) / events);
    console.log(`${name.padEnd(10)} ${rate} events/s, ${bytes} bytes per event`);
  }
};

const home = await mkdtemp(join(tmpdir(), "edgelog-bench-"));
const opensearch = await startOpenSearch({ home });
try {
  await run(opensearch.url, Number(process.argv[2] ?? DEFAULT_RUNS));
} finally {
  await opensearch.stop();
  await rm(home, { recursive: true, force: true });
}
