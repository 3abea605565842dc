/**
 * `npm test`: installs missing programs, then runs all checks and tests. They use separate ports and state directories, so
 * a stack of `npm start` can run at the same time. The last line is the number of passed and failed tests.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, type Options } from "execa";
import { buildPages } from "../lib/build-pages.ts";
import { ensureChromium } from "../install/chromium.ts";
import { assertDiskSpace } from "../install/disk-space.ts";
import { findJava } from "../install/java.ts";
import { ensureMosquitto, ensureMosquittoClients } from "../install/mosquitto.ts";
import { ensureOpenSearchJars } from "../install/opensearch-jars.ts";
import { onStopSignal } from "../lib/on-stop-signal.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { killProcesses } from "../supervise/kill-processes.ts";
import { countTests } from "../lib/test-count.ts";
import { print, printError } from "../lib/print.ts";

const home = await mkdtemp(join(tmpdir(), "edgelog-test-"));
const stopping = new AbortController();
onStopSignal({ onFirst: () => stopping.abort(), onSecond: () => process.exit(1) });

const OPTIONS = {
  cwd: ROOT_DIR,
  reject: false,
  cancelSignal: stopping.signal,
  env: { EDGELOG_TEST_HOME: home },
} as const satisfies Options;

const run = async (command: string, args: readonly string[]): Promise<boolean> =>
  !(await execa(command, args, { ...OPTIONS, stdio: "inherit" })).failed;

/** Runs both halves of `npm run check` at the same time, because the second one mostly uses one core, and prints its output last. */
const check = async (): Promise<boolean> => {
  const sizes = execa("npm", ["run", "--silent", "check:size"], { ...OPTIONS, stdin: "ignore", all: true });
  const isSourceGood = await run("npm", ["run", "--silent", "check:source"]);
  const { failed, all } = await sizes;
  print(all);
  return isSourceGood && !failed;
};

const install = async (): Promise<void> => {
  await assertDiskSpace(home);
  const { version } = await ensureMosquitto(home);
  await ensureMosquittoClients(home);
  const chromium = await ensureChromium(home);
  const java = await findJava();
  const jars = await ensureOpenSearchJars();
  const werePagesBuilt = await buildPages();
  print(`Mosquitto ${version}, Java ${java.major}, OpenSearch ${jars.version}, ${chromium}`);
  if (werePagesBuilt) print("Demo and console built");
};

const test = async (): Promise<boolean> => {
  await install();
  const isChecked = await check();
  print(isChecked ? "All checks passed." : "The checks failed, see above.");
  const report = join(home, "vitest.json");
  const vitest = join(ROOT_DIR, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const isTested = await run(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)]);
  const { passed, failed, skipped } = await countTests(report, { isChecked, isTested });
  print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0;
};

let isGood = false;
try {
  isGood = await test();
} catch (error) {
  printError(error);
  print("0 passed, 1 failed");
} finally {
  await killProcesses(home);
  await rm(home, { recursive: true, force: true });
}
process.exit(isGood ? 0 : 1);
