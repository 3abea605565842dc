/** `npm run test:scale`: see the help below. */
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isBroken, TITLES, toNumbers } from "../cluster/senders.ts";
import { startDeployment } from "./deployment.ts";
import { installHiveMq } from "./hivemq.ts";
import { RUNS, runScale, type ScaleRow, type ScaleRun } from "./runs.ts";

const HELP = `Usage: npm run test:scale -- [options]

Starts three OpenSearch nodes, two Workers in Node.js and three relays, kills and adds some of them with SIGKILL while clients
send, and prints one row for each client. It runs twice: with Mosquitto, where each relay has a users file with other apps, and with
HiveMQ Community Edition from Maven Central, where the relays share a subscription.

  --short         four seconds for each run, not 16
  --only TEXT     runs with this text in their name, for instance Mosquitto or "relay killed"
  --json          one JSON object for each row
  --scratch DIR   where the libraries of HiveMQ are stored (default: ~/.cache/edgelog)

Exits with 1 if an event is lost, stored twice or rejected, or gets no receipt. Without Maven, the runs with HiveMQ are skipped.`;

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    scratch: { type: "string", default: join(homedir(), ".cache", "edgelog") },
    help: { type: "boolean", short: "h", default: false },
  },
});

const DURATION_MS = values.short ? 4_000 : 16_000;

// The two Workers share the KV file of this runtime.
process.env["EDGELOG_RUNTIME"] = "node";

const print = (text: string): void => {
  if (!values.json) console.log(text);
};

const toLine = (run: string, client: string, ...numbers: readonly (number | string)[]): string =>
  `${run.padEnd(38)}${client.padEnd(24)}${numbers.map((number) => String(number).padStart(11)).join("")}`;

const selectRuns = (broker: string): readonly ScaleRun[] =>
  RUNS.map((run) => ({ ...run, name: `${broker}: ${run.name}` })).filter(({ name }) => name.includes(values.only));

const runAll = async (runs: readonly ScaleRun[], hiveMqLib?: string): Promise<readonly ScaleRow[]> => {
  print("Starting three OpenSearch nodes, the broker, three relays and two Workers");
  await using deployment = await startDeployment(hiveMqLib);
  print(toLine("run", "client", ...TITLES));
  const all: ScaleRow[] = [];
  for (const [i, run] of runs.entries()) {
    const { rows, notes } = await runScale(deployment, run, `s${i}`, DURATION_MS);
    all.push(...rows);
    for (const row of rows) {
      console.log(values.json ? JSON.stringify(row) : toLine(run.name, row.client, ...toNumbers(row)));
    }
    for (const note of notes) print(`  ${note}`);
  }
  return all;
};

const main = async (): Promise<void> => {
  const rows: ScaleRow[] = [];
  let isSkipped = false;
  const onMosquitto = selectRuns("Mosquitto");
  if (onMosquitto.length > 0) rows.push(...(await runAll(onMosquitto)));
  const onHiveMq = selectRuns("HiveMQ");
  if (onHiveMq.length > 0) {
    await mkdir(values.scratch, { recursive: true });
    const lib = await installHiveMq(values.scratch);
    isSkipped = lib === undefined;
    if (lib === undefined) print("HiveMQ: skipped, because Maven (mvn) is not installed");
    else rows.push(...(await runAll(onHiveMq, lib)));
  }
  const broken = rows.filter(isBroken);
  if (rows.length === 0) print("Nothing was tested.");
  else if (broken.length > 0) print(`${broken.length} rows break a guarantee.`);
  else print(`All guarantees hold in ${rows.length} rows.`);
  process.exitCode = (rows.length > 0 || isSkipped) && broken.length === 0 ? 0 : 1;
};

if (values.help) console.log(HELP);
else await main();
