/**
 * Read benchmarks on a million logs of one week: latency of typed queries, the console's time to the first logs and its
 * scrolling, and duration and memory of exports, complete and with interruptions.
 *
 *   npm run bench:read [-- --json] [-- --events 100000] [-- --opensearch URL]
 *
 * --opensearch uses an existing cluster with data.
 */
import { parseArgs } from "node:util";
import { WEEK_MS } from "#contract/wire/durations.ts";
import { buildPages } from "../stack/lib/build-pages.ts";
import { startReadStack, type ReadStack } from "../tests/support/read-stack.ts";
import { watchWorkerd, type WorkerdProcess } from "../tests/support/workerd-process.ts";
import { quantile } from "./quantile.ts";
import { fillStore } from "./read-data.ts";
import { measureConsole } from "./read-in-chromium.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    events: { type: "string", default: "1000000" },
    opensearch: { type: "string" },
  },
});
const EVENTS = Number(values.events);
const ROUNDS = 5;
const BREAKS = 10;
const SCROLLED_ROWS = 100_000;

const APPS = ["demo", "shop-ios", "shop-android"];

/** Queries as users type them: words, fields, ranges, patterns, all logs and no match. */
const QUERIES = [
  "",
  "level:error",
  "level:>=warn checkout",
  "checkout failed",
  '"checkout failed"',
  "check*",
  "-level:debug app:demo",
  "user.email:user12*@acme.com",
  "user:u-120",
  "session:session-4711",
  "status:>=500",
  "status:500..599 method:POST",
  "duration:>2000",
  "cart.items:>9",
  "cart.total:100..101",
  "screen.name:cart level:error",
  "feature.new_checkout:true level:warn",
  "type:PaymentError OR type:NetworkError",
  "(env:staging OR env:production) -bot level:fatal",
  "exception:declined",
  "path:/api/checkout/*",
  "device:*iPhone* version:4.2.1",
  "organization:org-7 level:error",
  "nothing-at-all-of-this",
];

const WHOLE_WEEK = [
  ["histogram", "/histogram?from=now-7d&to=now"],
  ["histogram of a query", "/histogram?from=now-7d&to=now&q=level:error%20checkout"],
  ["facets level, app, version, env", "/facets?field=level,app,version,env&from=now-7d"],
  ["facet of an attribute", "/facets?field=screen.name&from=now-7d"],
  ["facet of a number", "/facets?field=duration&from=now-7d"],
  ["facet of a numeric attribute", "/facets?field=cart.items&from=now-7d"],
  ["facet of 50,000 numbers", "/facets?field=cart.total&from=now-7d"],
  ["groups", "/groups?from=now-7d"],
  ["fields", "/fields"],
  ["overview of a day", "/overview?from=now-24h&to=now"],
  ["overview", "/overview?from=now-7d&to=now"],
] as const;

const time = async (stack: ReadStack, path: string): Promise<number> => {
  const started = performance.now();
  await stack.read(path);
  return performance.now() - started;
};

interface Row {
  readonly name: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const measure = async (stack: ReadStack, name: string, paths: readonly string[], rounds: number): Promise<Row> => {
  for (const path of paths) await time(stack, path);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) for (const path of paths) times.push(await time(stack, path));
  return { name, p50Ms: Math.round(quantile(times, 0.5)), p95Ms: Math.round(quantile(times, 0.95)) };
};

interface Exported {
  logs: number;
  bytes: number;
  /** Time and id of the last complete line. */
  last: string;
  isOrdered: boolean;
}

const LINE = /^\{"id":"([^"]+)","document":\{"@timestamp":"([^"]+)"/;

/** Reads an export to its end, or aborts it after a number of bytes. Incomplete lines are not counted. Resolves to whether it was complete. */
const readExport = async (
  stack: ReadStack,
  query: string,
  sum: Exported,
  abortAfterBytes = Number.POSITIVE_INFINITY,
): Promise<boolean> => {
  const abort = new AbortController();
  const after = sum.last === "" ? "" : `&after=${sum.last}`;
  const response = await stack.request(`/export?${query}${after}`, "reader", { signal: abort.signal });
  if (!response.ok || response.body === null) throw new Error(`/export responded with ${response.status}`);
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      const rows = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = rows.pop() ?? "";
      for (const row of rows) {
        const [, id = "", at = ""] = LINE.exec(row) ?? [];
        const position = `${at},${id}`;
        sum.isOrdered &&= position > sum.last;
        sum.last = position;
        sum.logs += 1;
      }
      if (bytes > abortAfterBytes) abort.abort();
    }
    return true;
  } catch (error) {
    if (abort.signal.aborted) return false;
    throw error;
  } finally {
    sum.bytes += bytes;
  }
};

const measureExport = async (
  stack: ReadStack,
  workerd: WorkerdProcess,
  query: string,
  breaks: number,
): Promise<object> => {
  workerd.resetPeak();
  const before = Math.round(workerd.residentMib());
  const sum: Exported = { logs: 0, bytes: 0, last: "", isOrdered: true };
  const started = performance.now();
  const bytesOfOne = (EVENTS * 1_050) / (breaks + 1);
  let broken = 0;
  while (!(await readExport(stack, query, sum, broken < breaks ? bytesOfOne : undefined))) broken += 1;
  const seconds = (performance.now() - started) / 1_000;
  return {
    logs: sum.logs,
    broken,
    eachOnceInOrder: sum.isOrdered,
    seconds: Math.round(seconds),
    logsPerSecond: Math.round(sum.logs / seconds),
    MB: Math.round(sum.bytes / 1e6),
    rssBeforeMb: before,
    rssPeakMb: Math.round(workerd.peakMib()),
  };
};

await buildPages();
const stack = await startReadStack({ readers: { reader: { apps: APPS } }, opensearchUrl: values.opensearch });
try {
  const toMs = Date.now() - 60_000;
  if (values.opensearch === undefined) {
    await fillStore({ url: stack.opensearch, events: EVENTS, fromMs: toMs - WEEK_MS, toMs, apps: APPS });
  }
  const workerd = watchWorkerd(stack.worker.pid ?? 0);
  const typed = QUERIES.map((q) => `/search?limit=100&highlight=true&from=now-7d&q=${encodeURIComponent(q)}`);
  const rows = [await measure(stack, "typed query", typed, ROUNDS)];
  for (const [name, path] of WHOLE_WEEK) rows.push(await measure(stack, name, [path], ROUNDS));
  const { costs, scrolling } = await measureConsole({
    url: `${stack.worker.url}/console/?from=now-7d`,
    token: stack.tokens["reader"] ?? "",
    rows: Math.min(SCROLLED_ROWS, EVENTS),
  });
  const exports = {
    aDay: await measureExport(stack, workerd, "from=now-24h&to=now", 0),
    all: await measureExport(stack, workerd, `to=${toMs + 60_000}`, 0),
    broken: await measureExport(stack, workerd, `to=${toMs + 60_000}`, BREAKS),
  };
  if (values.json) console.log(JSON.stringify({ events: EVENTS, rows, console: costs, scrolling, exports }));
  else {
    console.log(`${EVENTS} logs over 7 days; ${QUERIES.length} queries, ${ROUNDS} rounds`);
    console.table(rows);
    console.table({ console: costs });
    console.table(scrolling);
    console.table(exports);
  }
} finally {
  await stack[Symbol.asyncDispose]();
}
