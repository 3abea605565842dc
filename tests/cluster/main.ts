/**
 * `npm run test:cluster`: faults of an OpenSearch cluster of three nodes while clients send. Prints one row for each client.
 *
 *   npm run test:cluster -- --short         the short list, four seconds each
 *   npm run test:cluster -- --only killed   faults with this text in their name
 *   npm run test:cluster -- --json          one JSON object per row
 *
 * Exits with 1 when an event is lost, stored twice or rejected, or gets no receipt.
 */
import { parseArgs } from "node:util";
import { startCluster } from "./cluster.ts";
import { FAULTS } from "./faults.ts";
import { runFault, type ClusterRow } from "./run-fault.ts";
import { isBroken, TITLES, toNumbers } from "./senders.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});

const DURATION_MS = values.short ? 4_000 : 16_000;

const print = (text: string): void => {
  if (!values.json) console.log(text);
};

const toLine = (fault: string, client: string, ...numbers: readonly (number | string)[]): string =>
  `${fault.padEnd(50)}${client.padEnd(22)}${numbers.map((number) => String(number).padStart(11)).join("")}`;

const faults = FAULTS.filter(({ name, isShort }) => name.includes(values.only) && (!values.short || isShort === true));
const rows: ClusterRow[] = [];
print("Starting three nodes and the stack");
await using cluster = await startCluster();
print(toLine("fault", "client", ...TITLES));
for (const [i, fault] of faults.entries()) {
  const obstacle = fault.findObstacle?.(cluster);
  if (obstacle !== undefined) {
    print(`${fault.name}: skipped, because ${obstacle}`);
    continue;
  }
  const { rows: own, notes } = await runFault(cluster, fault, `c${i}`, DURATION_MS);
  rows.push(...own);
  for (const row of own) {
    console.log(values.json ? JSON.stringify(row) : toLine(fault.name, row.client, ...toNumbers(row)));
  }
  for (const note of notes) print(`  ${note}`);
}
const broken = rows.filter(isBroken);
print(broken.length === 0 ? `All guarantees hold in ${rows.length} rows.` : `${broken.length} rows break a guarantee.`);
process.exitCode = rows.length > 0 && broken.length === 0 ? 0 : 1;
