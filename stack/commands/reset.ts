/** `npm run reset`: stops the stack and deletes its data, keys and certificates. Keeps downloaded packages and jars. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { StackError } from "../lib/stack-error.ts";
import { defaultHome, STACK_ENTRIES } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";
import { print, printError } from "../lib/print.ts";

const home = defaultHome();

try {
  print(await stopRunning(home));
  const entries = await readdir(home).catch(() => []);
  const unknown = entries.filter((name) => !STACK_ENTRIES.has(name) && !name.endsWith(".tmp"));
  // EDGELOG_HOME can be any directory, even a home directory: remove only entries of a stack.
  for (const name of entries.filter((name) => !unknown.includes(name))) {
    await rm(join(home, name), { recursive: true, force: true });
  }
  print(entries.length === 0 ? `No data in ${home}.` : `Deleted the data, keys and certificates in ${home}.`);
  if (unknown.length > 0) throw new StackError(`Kept entries that do not belong to a stack: ${unknown.join(", ")}.`);
} catch (error) {
  printError(error);
  process.exit(1);
}
