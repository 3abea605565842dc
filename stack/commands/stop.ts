/** `npm run stop`: stops the stack of this state directory and waits until all processes have exited. */
import { defaultHome } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";
import { shouldRun } from "../lib/command-line.ts";
import { print, printError } from "../lib/print.ts";

const HELP = `Usage: npm run stop

Stops the stack of this directory, and waits until all of its processes have ended. Its data stays.`;

try {
  if (shouldRun(HELP)) print(await stopRunning(defaultHome()));
} catch (error) {
  printError(error);
  process.exit(1);
}
