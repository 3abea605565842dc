/**
 * `npm test`: installs missing programs, and runs all checks and tests. They use separate ports and state directories, so
 * a stack of `npm start` can run at the same time. The last line is the number of passed and failed tests.
 */
import { join } from "node:path";
import { execa } from "execa";
import { buildPages } from "../lib/build-pages.ts";
import { ensureChromium } from "../install/chromium.ts";
import { assertDiskSpace } from "../install/disk-space.ts";
import { findJava, type Java } from "../install/java.ts";
import { ensureMosquitto, ensureMosquittoClients } from "../install/mosquitto.ts";
import { ensureOpenSearchJars } from "../install/opensearch-jars.ts";
import { print, printError } from "../lib/print.ts";
import { countTests } from "../lib/test-count.ts";
import { VITEST, withTestHome, type TestHome } from "../lib/test-home.ts";

const run = async ({ options }: TestHome, command: string, args: readonly string[]): Promise<boolean> =>
  !(await execa(command, args, { ...options, stdio: "inherit" })).failed;

/** Runs both halves of `npm run check` at the same time, because the second one mostly uses one core, and prints its output last. */
const check = async (home: TestHome): Promise<boolean> => {
  const sizes = execa("npm", ["run", "--silent", "check:size"], { ...home.options, stdin: "ignore", all: true });
  const isSourceGood = await run(home, "npm", ["run", "--silent", "check:source"]);
  const { failed, all } = await sizes;
  print(all);
  return isSourceGood && !failed;
};

const install = async ({ path: home }: TestHome, java: Java): Promise<void> => {
  const downloading = ensureOpenSearchJars();
  downloading.catch(() => undefined); // thrown below, after the packages
  const { version } = await ensureMosquitto(home);
  await ensureMosquittoClients(home);
  const chromium = await ensureChromium(home);
  const jars = await downloading;
  print(`Mosquitto ${version}, Java ${java.major}, OpenSearch ${jars.version}, ${chromium}`);
};

const test = async (home: TestHome): Promise<boolean> => {
  await assertDiskSpace(home.path);
  if (await buildPages()) print("Demo and console built");
  // The checks use other programs than these, whose download can take a minute.
  const installing = install(home, await findJava());
  installing.catch(() => undefined); // thrown below, after the checks
  const isChecked = await check(home);
  print(isChecked ? "All checks passed." : "The checks failed, see above.");
  await installing;
  const report = join(home.path, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const isTested = await run(home, process.execPath, [VITEST, "run", ...reporters, ...process.argv.slice(2)]);
  const { passed, failed, skipped } = await countTests(report, { isChecked, isTested });
  print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0;
};

const isGood = await withTestHome(test).catch((error: unknown) => {
  printError(error);
  print("0 passed, 1 failed");
  return false;
});
process.exit(isGood ? 0 : 1);
