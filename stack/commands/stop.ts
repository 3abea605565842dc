/** `npm run stop`: ends the stack of this state directory, and waits until all of it is gone. */
import { toReport } from "../lib/errors.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { stopRunning } from "../lib/stop-running.ts";

try {
  console.log(await stopRunning(defaultHome()));
} catch (error) {
  console.error(toReport(error));
  process.exit(1);
}
