/**
 * `npm run chaos`: causes each fault, then random mixes of faults, and counts lost and duplicated events.
 *
 *   npm run chaos -- --short           the short list, two seconds per fault; also in npm test
 *   npm run chaos -- --minutes 30      random mixes for 30 minutes after the list
 *   npm run chaos -- --seed 42         repeats the mixes of that seed
 *   npm run chaos -- --only broker     faults with this text in their name
 *   npm run chaos -- --json            one JSON object per row
 *   npm run chaos -- --backlog 1000000   instead: queues this many events while OpenSearch is unavailable
 *   npm run chaos -- --overload 180      instead: for 180 s, sends three times the rate of OpenSearch
 *
 * Exits with 1 when a guarantee is violated.
 */
import { parseArgs } from "node:util";
import { runBacklog } from "./backlog.ts";
import { startChaosStack } from "./chaos-stack.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { mixFaults } from "./mix-faults.ts";
import { runOverload } from "./overload.ts";
import { formatRow, HEAD, toExitCode, type Row } from "./row.ts";
import { runFault } from "./run-fault.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    minutes: { type: "string", default: "0" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
    backlog: { type: "string" },
    overload: { type: "string" },
  },
});

const DURATION_MS = values.short ? 2_000 : 20_000;
const MIX_DURATION_MS = 4_000;

const rows: Row[] = [];
const add = (all: readonly Row[]): void => {
  rows.push(...all);
  for (const row of all) console.log(values.json ? JSON.stringify(row) : formatRow(row));
};
const print = (text: string): void => {
  if (!values.json) console.log(text);
};

const chaos = await startChaosStack();
try {
  const runOne = async (fault: Fault, durationMs: number): Promise<void> => {
    const done = await runFault(chaos, fault, `r${rows.length}`, durationMs);
    add(done);
    if (done.every((row) => row.broken === "")) return;
    chaos.keepHome = true;
    print(`Health of the relay: ${await fetch(chaos.stack.file.relayHealth).then((answer) => answer.text(), String)}`);
  };
  const runList = async (): Promise<void> => {
    const possible: Fault[] = [];
    for (const fault of FAULTS) {
      const reason = await fault.findObstacle?.();
      if (reason === undefined) possible.push(fault);
      else print(`Skipped: ${fault.name}: ${reason}`);
    }
    const faults = possible.filter(({ name, isShort }) => name.includes(values.only) && (!values.short || isShort));
    for (const fault of faults) await runOne(fault, DURATION_MS);
    const until = Date.now() + Number(values.minutes) * 60_000;
    const mixes = mixFaults(
      Number(values.seed),
      possible.filter(({ affects }) => affects.length > 0),
    );
    while (Date.now() < until) await runOne(mixes.next().value, MIX_DURATION_MS);
  };
  print(`seed ${values.seed}`);
  print(HEAD);
  const { backlog, overload } = values;
  if (backlog !== undefined) add(await runBacklog(chaos, "backlog", Number(backlog), print));
  if (overload !== undefined) add(await runOverload(chaos, "overload", Number(overload), print));
  if (backlog === undefined && overload === undefined) await runList();
} finally {
  await chaos[Symbol.asyncDispose]();
}
const broken = rows.filter((row) => row.broken !== "");
if (chaos.keepHome) print(`Logs of all services: ${chaos.home}/logs`);
print(
  broken.length === 0 ? `All guarantees hold in ${rows.length} rows.` : `${broken.length} rows violate a guarantee.`,
);
process.exit(toExitCode(rows));
