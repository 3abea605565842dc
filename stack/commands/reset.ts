/** `npm run reset`: stops the stack and forgets its data, keys and certificates. Downloaded packages and jars stay. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { StackError, formatError } from "../lib/stack-error.ts";
import { defaultHome, STACK_ENTRIES } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";

const home = defaultHome();

try {
  console.log(await stopRunning(home));
  const entries = await readdir(home).catch(() => []);
  const strangers = entries.filter((name) => !STACK_ENTRIES.includes(name) && !name.endsWith(".tmp"));
  // EDGELOG_HOME may be anything, also a home directory: only what a stack has made is removed.
  for (const name of entries.filter((name) => !strangers.includes(name))) {
    await rm(join(home, name), { recursive: true, force: true });
  }
  console.log(
    entries.length === 0 ? `There is no data in ${home}.` : `Forgot the data, keys and certificates in ${home}.`,
  );
  if (strangers.length > 0) throw new StackError(`Left alone, as no stack made them: ${strangers.join(", ")}.`);
} catch (error) {
  console.error(formatError(error));
  process.exit(1);
}
