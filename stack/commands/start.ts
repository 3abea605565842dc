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
import { readVariable } from "../lib/read-variable.ts";

const HELP = `Usage: npm start -- [options]

Starts the broker, the relay, the Worker and OpenSearch, and prints their addresses. Ctrl-C stops them. The data stays in .edgelog/.

  --detach   return when the stack is ready; \`npm run stop\` stops it

Ports and other settings are environment variables: docs/reference/configuration.md.`;

const home = defaultHome();

/** @param printsSummary Whether to print the addresses and keys. A supervisor in the background does not write keys to its log. */
const supervise = async (printsSummary: boolean): Promise<void> => {
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
  const opensearchUrl = readVariable("OPENSEARCH_URL");
  stack = await startStack({
    home,
    ports: readPorts(),
    quiet: false,
    crons: true,
    env: { worker: { ALLOW_LOOPBACK_WEBHOOKS: "true" } },
    opensearchUrl: opensearchUrl === "" ? undefined : opensearchUrl,
  });
  if (printsSummary) print(toSummary(stack.file, "Press Ctrl-C to stop."));
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      detach: { type: "boolean", default: false },
      /** Set by --detach for the supervisor process. */
      background: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  const running = await describeRunning(home);
  if (running !== undefined) print(running);
  else if (values.detach) await startDetached(home);
  else await supervise(!values.background);
};

try {
  await main();
} catch (error) {
  printWarning(`
${formatError(error)}`);
  process.exit(1);
}
