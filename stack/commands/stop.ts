/** `npm run stop`: stops the stack of this state directory and waits until all processes have exited. */
import { defaultHome } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";
import { print, printError } from "../lib/print.ts";

try {
  print(await stopRunning(defaultHome()));
} catch (error) {
  printError(error);
  process.exit(1);
}
