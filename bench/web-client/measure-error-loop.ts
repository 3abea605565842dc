/**
 * A page that throws 100,000 errors, without a listener, with an empty listener, and with the logger: main-thread time of
 * the logger, and the number of logs that it sends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startBrowser } from "../../tests/support/browser.ts";
import { openPage, readTasksMs, runIn, servePages } from "./bench-page.ts";
import { bundleClient } from "./bundle.ts";
import { OURS_HTTP } from "./clients.ts";
import { startCollector } from "./collector.ts";
import type { LoopKind } from "./in-page.ts";

export const LOOP_ERRORS = 100_000;
/**
 * Kinds of error loops with their numbers of rounds. Thrown errors take half a minute a round, because the browser
 * writes each one to its console.
 */
const KINDS: readonly (readonly [LoopKind, number])[] = [
  ["dispatched in one task", 5],
  ["thrown, one task each", 1],
];
const LISTENERS = [
  { id: "no-op", name: "none" },
  { id: "empty-listener", name: "an empty function" },
  { id: OURS_HTTP, name: "**edgelog**" },
] as const;
/** The logger logs the number of suppressed errors when its window ends. */
const WINDOW_MS = 11_000;

export interface LoopCost {
  readonly kind: LoopKind;
  readonly listener: string;
  readonly longestMs: number;
  readonly longTasks: number;
  readonly tasksMs: number;
  /** Received logs, and the number of errors that their counts represent. */
  readonly logs: number;
  readonly counted: number;
}

/** Measures each combination of loop and listener, interleaved. */
export const measureErrorLoops = async (): Promise<LoopCost[]> => {
  await using pages = await servePages();
  await using collector = await startCollector();
  await using browser = await startBrowser();
  const where = { endpoint: collector.endpoint, mqttUrl: "", app: "shop", key: "key" };
  const costs: LoopCost[] = [];
  for (const [kind, rounds] of KINDS) {
    for (let round = 0; round < rounds; round += 1) {
      for (const { id, name } of LISTENERS) {
        const { files, entry } = await bundleClient({ id, name });
        for (const [path, contents] of files) pages.files.set(path, contents);
        const [page, devtools] = await openPage(browser.context, pages.origin);
        await runIn(page, "begin", { script: `/${entry}`, ...where });
        collector.bodies.length = 0;
        const beforeMs = await readTasksMs(devtools);
        const times = await runIn(page, "loopErrors", { kind, errors: LOOP_ERRORS });
        const tasksMs = (await readTasksMs(devtools)) - beforeMs;
        if (id === OURS_HTTP) await sleep(WINDOW_MS);
        await page.close();
        const text = collector.bodies.join("");
        const counts = [...text.matchAll(/"edgelog.repeated":(\d+)/g)].map(([, count]) => Number(count));
        const counted = counts.reduce((sum, count) => sum + count, 0);
        costs.push({ kind, listener: name, ...times, tasksMs, counted, logs: text.split('"severity"').length - 1 });
      }
    }
  }
  return costs;
};
