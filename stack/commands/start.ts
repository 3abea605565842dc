/** `npm start [-- --detach]`: starts the stack and supervises it until Ctrl-C, SIGTERM or `npm run stop`. */
import { parseArgs } from "node:util";
import { formatError } from "../lib/stack-error.ts";
import { onStopSignal } from "../lib/on-stop-signal.ts";
import { readPorts } from "../lib/ports.ts";
import { describeRunning } from "../lib/running-stack.ts";
import { startDetached } from "../lib/start-detached.ts";
import { startStack, type Stack } from "../stack.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { toSummary } from "../lib/summary.ts";
import { print, printError, printWarning } from "../lib/print.ts";

const { values } = parseArgs({
  options: {
    detach: { type: "boolean", default: false },
    /** Set by --detach for the supervisor process, which does not print keys to its log. */
    background: { type: "boolean", default: false },
  },
});
const home = defaultHome();

const supervise = async (): Promise<void> => {
  let stack: Stack | undefined;
  const shutDown = async (): Promise<void> => {
    // The stack is still starting: no events are in progress, and its processes are killed when this process exits.
    if (stack === undefined) process.exit(130);
    print("\nStopping …");
    await stack.stop();
    print("Stopped.");
    process.exit(0);
  };
  onStopSignal({
    onFirst: () => {
      shutDown().catch((error: unknown) => {
        printError(error);
        process.exit(1);
      });
    },
    onSecond: () => process.exit(1),
  });
  const opensearchUrl = process.env["OPENSEARCH_URL"];
  stack = await startStack({
    home,
    ports: readPorts(),
    quiet: false,
    crons: true,
    env: { worker: { ALLOW_LOOPBACK_WEBHOOKS: "true" } },
    opensearchUrl: opensearchUrl === "" ? undefined : opensearchUrl,
  });
  if (!values.background) print(toSummary(stack.file, "Press Ctrl-C to stop."));
};

try {
  const running = await describeRunning(home);
  if (running !== undefined) print(running);
  else if (values.detach) await startDetached(home);
  else await supervise();
} catch (error) {
  printWarning(`
${formatError(error)}`);
  process.exit(1);
}
