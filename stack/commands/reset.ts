/** `npm run reset`: stops the stack and deletes its data, keys and certificates. Keeps downloaded packages and jars. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { toUnreadable } from "../lib/read-if-exists.ts";
import { StackError } from "../lib/stack-error.ts";
import { defaultHome, STACK_ENTRIES } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";
import { print, printError } from "../lib/print.ts";

const HELP = `Usage: npm run reset -- [options]

Stops the stack of this directory, and deletes its logs, apps, keys and certificates. Downloaded packages and jars stay.

  --yes   do not ask (default: asks if the input is a terminal)`;

const confirm = async (home: string): Promise<boolean> => {
  if (!process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete all logs, apps, keys and certificates in ${home}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
};

const reset = async (home: string): Promise<void> => {
  print(await stopRunning(home));
  const entries = await readdir(home).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw toUnreadable(home, error, home);
  });
  const unknown = entries.filter((name) => !STACK_ENTRIES.has(name) && !name.endsWith(".tmp"));
  // EDGELOG_HOME can be any directory, even a home directory: remove only entries of a stack.
  for (const name of entries.filter((name) => !unknown.includes(name))) {
    await rm(join(home, name), { recursive: true, force: true });
  }
  print(entries.length === 0 ? `No data in ${home}.` : `Deleted the data, keys and certificates in ${home}.`);
  if (unknown.length > 0) throw new StackError(`Kept entries that do not belong to a stack: ${unknown.join(", ")}.`);
};

try {
  const { values } = parseArgs({
    options: {
      yes: { type: "boolean", short: "y", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const home = defaultHome();
  if (values.help) print(HELP);
  else if (values.yes || (await confirm(home))) await reset(home);
  else print("Nothing was deleted.");
} catch (error) {
  printError(error);
  process.exit(1);
}
