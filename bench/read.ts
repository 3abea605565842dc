/**
 * What reading costs with a million logs of a week in OpenSearch: how long a typed query takes over the Worker, how soon
 * the console shows logs and how it scrolls, and what an export of all of them weighs, broken and resumed.
 *
 *   npm run bench:read [-- --json] [-- --events 100000] [-- --opensearch URL]
 *
 * With --opensearch, a cluster that is filled already is used as it is.
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { WEEK_MS } from "#contract/wire/durations.ts";
import { buildPages } from "../stack/lib/build-pages.ts";
import { startReadStack, type ReadStack } from "../tests/support/read-stack.ts";
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

/** As somebody types them: words, fields, ranges, patterns, all and nothing. */
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

const percentile = (times: readonly number[], part: number): number =>
  Math.round(
    times.toSorted((a, b) => a - b)[Math.min(Math.ceil(times.length * part) - 1, times.length - 1)] ?? Number.NaN,
  );

const time = async (stack: ReadStack, path: string): Promise<number> => {
  const started = performance.now();
  await stack.read(path);
  return performance.now() - started;
};

interface Row {
  readonly what: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const measure = async (stack: ReadStack, what: string, paths: readonly string[], rounds: number): Promise<Row> => {
  for (const path of paths) await time(stack, path);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) for (const path of paths) times.push(await time(stack, path));
  return { what, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
};

/** All processes of workerd below one of ours. */
const findWorkerd = async (pid: number): Promise<readonly number[]> => {
  const { stdout } = await execa("pgrep", ["-P", String(pid)], { reject: false });
  const children = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  const below = await Promise.all(children.map(findWorkerd));
  return [...(name.startsWith("workerd") ? [pid] : []), ...below.flat()];
};

const forgetPeak = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) await writeFile(`/proc/${pid}/clear_refs`, "5");
};

const readMb = async (pids: readonly number[], field: "VmHWM" | "VmRSS"): Promise<number> => {
  let kilobytes = 0;
  for (const pid of pids) {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    kilobytes += Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  }
  return Math.round(kilobytes / 1_024);
};

interface Exported {
  logs: number;
  bytes: number;
  /** Time and id of the last whole line. */
  last: string;
  isOrdered: boolean;
}

const PLACE = /^\{"id":"([^"]+)","document":\{"@timestamp":"([^"]+)"/;

/** Reads a stream to its end, or breaks it off after so many bytes. Lines that did not come whole are not counted. */
const readExport = async (
  stack: ReadStack,
  query: string,
  sum: Exported,
  breakAfter = Number.POSITIVE_INFINITY,
): Promise<boolean> => {
  const abort = new AbortController();
  const after = sum.last === "" ? "" : `&after=${sum.last}`;
  const response = await stack.request(`/export?${query}${after}`, "reader", { signal: abort.signal });
  if (!response.ok || response.body === null) throw new Error(`/export answered ${response.status}`);
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.byteLength;
      const rows = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = rows.pop() ?? "";
      for (const row of rows) {
        const [, id = "", at = ""] = PLACE.exec(row) ?? [];
        const place = `${at},${id}`;
        sum.isOrdered &&= place > sum.last;
        sum.last = place;
        sum.logs += 1;
      }
      if (bytes > breakAfter) abort.abort();
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
  pids: readonly number[],
  query: string,
  breaks: number,
): Promise<object> => {
  await forgetPeak(pids);
  const before = await readMb(pids, "VmRSS");
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
    rssPeakMb: await readMb(pids, "VmHWM"),
  };
};

await buildPages();
const stack = await startReadStack({ readers: { reader: { apps: APPS } }, opensearchUrl: values.opensearch });
try {
  const toMs = Date.now() - 60_000;
  if (values.opensearch === undefined) {
    await fillStore({ url: stack.opensearch, events: EVENTS, fromMs: toMs - WEEK_MS, toMs, apps: APPS });
  }
  const pids = await findWorkerd(stack.worker.pid ?? 0);
  const typed = QUERIES.map((q) => `/search?limit=100&highlight=true&from=now-7d&q=${encodeURIComponent(q)}`);
  const rows = [await measure(stack, "typed query", typed, ROUNDS)];
  for (const [what, path] of WHOLE_WEEK) rows.push(await measure(stack, what, [path], ROUNDS));
  const { costs, scrolling } = await measureConsole({
    url: `${stack.worker.url}/console/?from=now-7d`,
    token: stack.tokens["reader"] ?? "",
    rows: Math.min(SCROLLED_ROWS, EVENTS),
  });
  const exports = {
    aDay: await measureExport(stack, pids, "from=now-24h&to=now", 0),
    all: await measureExport(stack, pids, `to=${toMs + 60_000}`, 0),
    broken: await measureExport(stack, pids, `to=${toMs + 60_000}`, BREAKS),
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
