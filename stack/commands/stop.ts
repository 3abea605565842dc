/** `npm run stop`: ends the stack of this state directory, and waits until all of it is gone. */
import { formatError } from "../lib/stack-error.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";

try {
  console.log(await stopRunning(defaultHome()));
} catch (error) {
  console.error(formatError(error));
  process.exit(1);
}
