/**
 * `npm run chaos`: breaks everything, one fault after the other, then in random mixes, and counts.
 *
 *   npm run chaos -- --short           a few seconds a fault, the short list: service of npm test
 *   npm run chaos -- --minutes 30      random mixes for so long, after the list
 *   npm run chaos -- --seed 42         the same mixes again
 *   npm run chaos -- --only broker     faults whose name has this in it
 *   npm run chaos -- --json            one object a row
 *   npm run chaos -- --backlog 1000000   instead: so many events wait in the broker while OpenSearch is away, then drain
 *   npm run chaos -- --overload 180      instead: for so many seconds, three times what OpenSearch takes
 *
 * Ends non-zero when a guarantee is broken.
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

const HOLD_MS = values.short ? 2_000 : 20_000;
const MIX_HOLD_MS = 4_000;

const rows: Row[] = [];
const add = (all: readonly Row[]): void => {
  rows.push(...all);
  for (const row of all) console.log(values.json ? JSON.stringify(row) : formatRow(row));
};
const tell = (text: string): void => {
  if (!values.json) console.log(text);
};

const line = await startChaosStack();
try {
  const runOne = async (fault: Fault, holdMs: number): Promise<void> => {
    const done = await runFault(line, fault, `r${rows.length}`, holdMs);
    add(done);
    if (done.every((row) => row.broken === "")) return;
    line.keepHome = true;
    tell(`the relay says: ${await fetch(line.stack.file.relayHealth).then((answer) => answer.text(), String)}`);
  };
  const runList = async (): Promise<void> => {
    const possible: Fault[] = [];
    for (const fault of FAULTS) {
      const reason = await fault.whyNot?.();
      if (reason === undefined) possible.push(fault);
      else tell(`skipped: ${fault.name}: ${reason}`);
    }
    const faults = possible.filter(({ name, isShort }) => name.includes(values.only) && (!values.short || isShort));
    for (const fault of faults) await runOne(fault, HOLD_MS);
    const until = Date.now() + Number(values.minutes) * 60_000;
    const mixes = mixFaults(
      Number(values.seed),
      possible.filter(({ touches }) => touches.length > 0),
    );
    while (Date.now() < until) await runOne(mixes.next().value, MIX_HOLD_MS);
  };
  tell(`seed ${values.seed}`);
  tell(HEAD);
  const { backlog, overload } = values;
  if (backlog !== undefined) add(await runBacklog(line, "backlog", Number(backlog), tell));
  if (overload !== undefined) add(await runOverload(line, "overload", Number(overload), tell));
  if (backlog === undefined && overload === undefined) await runList();
} finally {
  await line[Symbol.asyncDispose]();
}
const broken = rows.filter((row) => row.broken !== "");
if (line.keepHome) tell(`Logs of all services: ${line.home}/logs`);
tell(broken.length === 0 ? `All guarantees held in ${rows.length} rows.` : `${broken.length} rows break a guarantee.`);
process.exit(toExitCode(rows));
