/**
 * `npm run chaos`: breaks everything, one fault after the other, then in random mixes, and counts.
 *
 *   npm run chaos -- --short           a few seconds a fault, the short list: part of npm test
 *   npm run chaos -- --minutes 30      random mixes for so long, after the list
 *   npm run chaos -- --seed 42         the same mixes again
 *   npm run chaos -- --only broker     faults whose name has this in it
 *   npm run chaos -- --json            one object a row
 *
 * Ends non-zero when a guarantee is broken.
 */
import { parseArgs } from "node:util";
import { startChaosLine } from "./chaos-line.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { mixFaults } from "./mix-faults.ts";
import { runFault, type Row } from "./run-fault.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    minutes: { type: "string", default: "0" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
  },
});

const HOLD_MS = values.short ? 2_000 : 20_000;
const MIX_HOLD_MS = 4_000;

const rows: Row[] = [];
const print = (all: readonly Row[]): void => {
  for (const row of all) {
    if (values.json) console.log(JSON.stringify(row));
    else {
      const { fault, client, handedOver, stored, lost, doubled, rejected, longestStallMs, relayPeakMb, broken } = row;
      const cells = [fault.padEnd(34), client.padEnd(14), handedOver, stored, lost, doubled, rejected];
      const [name, kind, ...numbers] = cells;
      console.log(
        `${name} ${kind} ${numbers.map((n) => String(n).padStart(8)).join("")} ` +
          `${String(longestStallMs).padStart(8)} ${String(relayPeakMb).padStart(6)}  ${broken === "" ? "" : `BROKEN: ${broken}`}`,
      );
    }
  }
};
const tell = (text: string): void => {
  if (!values.json) console.log(text);
};

const line = await startChaosLine();
try {
  tell(`seed ${values.seed}`);
  tell(
    `${"fault".padEnd(34)} ${"client".padEnd(14)} ${["handed", "stored", "lost", "doubled", "rejected"].map((head) => head.padStart(8)).join("")} stall ms  relay MB`,
  );
  const runOne = async (fault: Fault, holdMs: number): Promise<void> => {
    const done = await runFault(line, fault, `r${rows.length}`, holdMs);
    rows.push(...done);
    print(done);
    if (done.every((row) => row.broken === "")) return;
    line.keepHome = true;
    tell(`the relay says: ${await fetch(line.stack.file.relayHealth).then((answer) => answer.text(), String)}`);
  };
  const faults = FAULTS.filter(({ name, isShort }) => name.includes(values.only) && (!values.short || isShort));
  for (const fault of faults) await runOne(fault, HOLD_MS);
  const until = Date.now() + Number(values.minutes) * 60_000;
  const mixes = mixFaults(Number(values.seed));
  while (Date.now() < until) await runOne(mixes.next().value, MIX_HOLD_MS);
} finally {
  await line[Symbol.asyncDispose]();
}
const broken = rows.filter((row) => row.broken !== "");
if (line.keepHome) tell(`Logs of all parts: ${line.home}/logs`);
tell(broken.length === 0 ? `All guarantees held in ${rows.length} rows.` : `${broken.length} rows break a guarantee.`);
process.exit(broken.length === 0 && rows.length > 0 ? 0 : 1);
