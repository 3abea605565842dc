/**
 * Measures the cost of the text analyzers: `node bench/text-analysis.ts [ROUNDS] [TEMPLATE …]`. Loads the same logs into an
 * index with the `standard` analyzer and into one with the template, in turns. Prints the CPU time of OpenSearch, the time of
 * the bulk requests and the size of the index, and their ratios within a round. Further templates are files such as
 * `opensearch/templates/edgelog-logs.json` of another version.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { createIndexTemplates } from "../opensearch/index-templates.ts";
import { startOpenSearch, type OpenSearch } from "../stack/services/opensearch.ts";
import { createRandom } from "../tests/support/random.ts";
import { readCpuSeconds } from "../tests/support/cpu-seconds.ts";
import { FRESH_SIZES } from "./support/fresh-sizes.ts";
import { queryOpenSearch } from "../tests/support/query-opensearch.ts";
import { planDelivery } from "../worker/src/ingest/plan-delivery.ts";
import { median } from "./quantile.ts";

const BATCHES = 40;
const EVENTS_PER_BATCH = 500;
const DEFAULT_ROUNDS = 5;
/** Rounds that are not counted: Java compiles the code in them. */
const WARM_UP_ROUNDS = 2;

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

interface Template {
  readonly settings: Record<string, unknown>;
  readonly mappings: object;
}

interface IndexTemplate {
  readonly template: Template;
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

/** Costs of one event. */
interface Costs {
  readonly cpuMicroseconds: number;
  readonly microseconds: number;
  readonly bytes: number;
}

const EVENTS = BATCHES * EVENTS_PER_BATCH;

/** Loads all bulks into a new index. The merge to one segment, which makes sizes comparable, is not part of the times. */
const measure = async ({ url, pid }: OpenSearch, template: Template, bulks: readonly string[]): Promise<Costs> => {
  const { mappings } = template;
  // Without refreshes, the number of segments does not depend on the time.
  const settings = { ...template.settings, ...FRESH_SIZES, refresh_interval: "-1", "translog.durability": "async" };
  const created = await queryOpenSearch<{ error?: object }>(url, "/bench", { settings, mappings }, "PUT");
  if (created.error !== undefined) throw new Error(JSON.stringify(created.error));
  const [started, cpuBefore] = [performance.now(), readCpuSeconds(pid ?? 0)];
  for (const bulk of bulks) {
    const { errors } = await queryOpenSearch<{ errors: boolean }>(url, "/bench/_bulk?filter_path=errors", bulk);
    if (errors) throw new Error("OpenSearch refused documents");
  }
  await queryOpenSearch(url, "/bench/_flush");
  const [ended, cpuAfter] = [performance.now(), readCpuSeconds(pid ?? 0)];
  await queryOpenSearch(url, "/bench/_forcemerge?max_num_segments=1");
  await queryOpenSearch(url, "/bench/_flush");
  const stats = await queryOpenSearch<{ _all: { primaries: { store: { size_in_bytes: number } } } }>(
    url,
    "/bench/_stats/store",
    undefined,
    "GET",
  );
  await queryOpenSearch(url, "/bench", undefined, "DELETE");
  return {
    cpuMicroseconds: ((cpuAfter - cpuBefore) * 1e6) / EVENTS,
    microseconds: ((ended - started) * 1e3) / EVENTS,
    bytes: stats._all.primaries.store.size_in_bytes / EVENTS,
  };
};

const readTemplate = async (path: string): Promise<Template> =>
  (JSON.parse(await readFile(path, "utf8")) as IndexTemplate).template;

const run = async (opensearch: OpenSearch, rounds: number, paths: readonly string[]): Promise<void> => {
  const { template } = createIndexTemplates()["edgelog-logs"] as unknown as IndexTemplate;
  const standard = { ...template, mappings: toStandard(template.mappings) };
  const variants = new Map([
    ["standard", standard],
    ["edgelog", template],
  ]);
  for (const path of paths) variants.set(basename(path, ".json"), await readTemplate(path));
  const bulks = makeBulks();
  const costs = new Map<string, Costs[]>();
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
    for (const [name, variant] of variants) {
      const cost = await measure(opensearch, variant, bulks);
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  console.log(`${rounds} rounds of ${EVENTS} events; medians for one event, and ratios to "standard" within a round`);
  const base = costs.get("standard") ?? [];
  for (const [name, measurements] of costs) {
    const columns = (["cpuMicroseconds", "microseconds", "bytes"] as const).map((cost) => {
      const values = measurements.map((each) => each[cost]);
      const ratios = values.map((value, i) => value / (base[i]?.[cost] ?? Number.NaN)).toSorted((a, b) => a - b);
      const [lowest = Number.NaN] = ratios;
      const range = `${lowest.toFixed(2)} to ${(ratios.at(-1) ?? Number.NaN).toFixed(2)}`;
      return `${cost} ${median(values).toFixed(1)}, ratio ${median(ratios).toFixed(2)} (${range})`;
    });
    console.log([name.padEnd(12), ...columns].join("  "));
  }
};

const home = await mkdtemp(join(tmpdir(), "edgelog-bench-"));
const opensearch = await startOpenSearch({ home });
try {
  const [rounds = DEFAULT_ROUNDS, ...paths] = process.argv.slice(2);
  await run(opensearch, Number(rounds), paths);
} finally {
  await opensearch.stop();
  await rm(home, { recursive: true, force: true });
}
