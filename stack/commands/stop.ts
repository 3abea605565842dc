/** `npm run stop`: stops the stack of this state directory and waits until all processes have exited. */
import { formatError } from "../lib/stack-error.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";

try {
  console.log(await stopRunning(defaultHome()));
} catch (error) {
  console.error(formatError(error));
  process.exit(1);
}
