/**
 * Program: runs the Worker in workerd with Miniflare. worker.ts starts it. Loads the pages again when they have been built again.
 *
 *   node stack/services/run-worker.ts --home DIR --port PORT --pages DIR [--inspector-port PORT]
 */
import { mkdir, readFile, rm, watch } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import * as z from "zod";
import { seedDemo } from "../apps/demo.ts";
import { print, printError } from "../lib/print.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { pathsOf } from "../lib/state-dir.ts";
import { toMiniflareOptions } from "./miniflare-options.ts";

/** A build writes many files; the pages are loaded after the last one. */
const BUILD_PAUSE_MS = 500;

/** The levels of the Worker's log; others are from libraries. */
const LOGGED_LEVELS = new Set(["warn", "error"]);

const { values } = parseArgs({
  options: {
    home: { type: "string" },
    port: { type: "string" },
    pages: { type: "string" },
    "inspector-port": { type: "string" },
  },
});
const { home = "", port, pages = "", "inspector-port": inspectorPort } = values;
const { workerVariables, workerTemp } = pathsOf(home);

// Miniflare leaves its files there when it is killed.
await rm(workerTemp, { recursive: true, force: true });
await mkdir(workerTemp, { mode: 0o700 });
process.env["TMPDIR"] = workerTemp;

const variables = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(workerVariables, "utf8")));

const toOptions = (): MiniflareOptions => ({
  ...toMiniflareOptions({
    home,
    port: Number(port),
    pagesDir: pages,
    variables,
    inspectorPort: inspectorPort === undefined ? undefined : Number(inspectorPort),
  }),
  log: new Log(LogLevel.WARN),
  handleStructuredLogs: ({ level, message }) => {
    if (LOGGED_LEVELS.has(level)) print(message);
  },
});

const watchPages = async (miniflare: Miniflare): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const reload = (): void => {
    miniflare.setOptions(toOptions()).catch(printError);
  };
  for await (const _ of watch(pages, { recursive: true })) {
    clearTimeout(timer);
    timer = setTimeout(reload, BUILD_PAUSE_MS);
  }
};

await seedDemo(home, await ensureSecrets(home));
const options = toOptions();
const miniflare = new Miniflare(options);
await miniflare.ready;
if (options.workers[0]?.config.assets !== undefined) {
  // The system limits the number of watched files. The Worker runs without the watch, too.
  await watchPages(miniflare).catch((error: unknown) =>
    print(`Cannot watch the built pages, so a new build is not loaded: ${String(error)}`),
  );
}
