/**
 * Measures the time from `log()` until a log is visible in the live tail, and until a search finds it. Browser logger,
 * broker, relay, Worker and OpenSearch run on this machine; logger and tail are in one page and use one clock.
 *
 *   npm run bench:tail [-- --json] [-- --logs 500]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack } from "../stack/stack.ts";
import { startBrowser } from "../tests/support/browser.ts";
import { openWorkerOriginPage } from "../tests/support/worker-origin-page.ts";
import type { TailRun, TailTimes } from "./tail-page.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, logs: { type: "string", default: "500" } },
});
const LOGS = Number(values.logs);

/**
 * `publish` measures the pipeline without the logger, which sends a log after a pause immediately and batches frequent logs
 * ten times per second.
 */
const ROWS = [
  { name: "publish() of MQTT", how: "publish", pauseMs: 25 },
  { name: "info, one by one", how: "info", pauseMs: 150 },
  { name: "info", how: "info", pauseMs: 25 },
] as const;

const quantile = (times: readonly (number | undefined)[], q: number): number => {
  // Logs that did not arrive count as infinitely late.
  const sorted = times.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN) * 10) / 10;
};

const home = await mkdtemp(join(tmpdir(), "edgelog-bench-tail-"));
const stack = await startStack({ home, ports: "ephemeral" });
try {
  await using browser = await startBrowser();
  const { app, readerToken, worker } = stack.file;
  const results = [];
  for (const { name, how, pauseMs } of ROWS) {
    const page = await browser.context.newPage();
    await openWorkerOriginPage(page, worker, new URL("tail-page.ts", import.meta.url));
    await page.waitForFunction(() => "runTail" in window);
    const run: TailRun = {
      logger: { app: app.id, key: app.key, endpoint: worker, transport: "mqtt" },
      readerToken,
      how,
      logs: LOGS,
      pauseMs,
    };
    const times = await page.evaluate(
      (run) => (window as unknown as { runTail: (run: TailRun) => Promise<TailTimes> }).runTail(run),
      run,
    );
    await page.close();
    results.push({
      "log()": name,
      logs: LOGS,
      "visible p50": quantile(times.visibleMs, 0.5),
      "visible p99": quantile(times.visibleMs, 0.99),
      "searchable p50": quantile(times.searchableMs, 0.5),
      "searchable p99": quantile(times.searchableMs, 0.99),
      "searchable / visible, p50": Math.round(quantile(times.searchableMs, 0.5) / quantile(times.visibleMs, 0.5)),
    });
  }
  if (values.json) console.log(JSON.stringify({ logs: LOGS, unit: "ms", results }));
  else console.table(results);
} finally {
  await stack.stop();
  await rm(home, { recursive: true, force: true });
}
