/**
 * Measures the throughput, latency, memory and cost of edgelog on this machine, and compares each figure with its mark. Writes
 * the figures and the machine to a file in bench/results/, and from these files the tables in docs/performance.md.
 *
 *   npm run bench [-- --only drain,cpu] [-- --json] [-- --rounds 5] [-- --events 40000] [-- --no-save]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack, type Stack } from "../stack/stack.ts";
import { toTextTable } from "./report/text-table.ts";
import { saveResult, type BenchResult } from "./report/results.ts";
import { writeReport } from "./report/write-report.ts";
import type { BenchContext, Row } from "./row.ts";
import { connections } from "./rows/connections.ts";
import { cost } from "./rows/cost.ts";
import { cpu } from "./rows/cpu.ts";
import { drain } from "./rows/drain.ts";
import { growth } from "./rows/growth.ts";
import { latency } from "./rows/latency.ts";
import { post } from "./rows/post.ts";
import { relayMemory } from "./rows/relay-memory.ts";
import { storedBytes } from "./rows/stored-bytes.ts";
import { WORKER_ENV } from "./support/worker-env.ts";
import { measureDrainRounds, type DrainRounds } from "./support/drain-rounds.ts";
import type { RowResult } from "./support/figure.ts";
import { readMachine, readOpenSearchVersion } from "./support/machine.ts";

/** In the order in which they run. */
const ROWS: readonly Row[] = [drain, cpu, post, latency, storedBytes, relayMemory, connections, growth, cost];

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    events: { type: "string", default: "40000" },
    "store-sizes": { type: "string", default: "100000,1000000" },
    "no-peers": { type: "boolean", default: false },
    "no-save": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const HELP = `Usage: npm run bench -- [OPTIONS]

  --only ROWS     names of rows, separated by commas. Default: all
  --rounds N      repetitions of measurements that are compared with each other. Default: 5
  --events N      events of one measurement of throughput. Default: 40000
  --store-sizes N,N
                  stored logs at which the row growth measures. Default: 100000,1000000. 10000000 takes
                  a quarter of an hour and 4 GB more
  --no-peers      without other programs in the row drain
  --json          writes the result to standard output as JSON
  --no-save       writes neither bench/results/ nor docs/performance.md

Rows:
${ROWS.map(({ name, summary }) => `  ${name.padEnd(14)}  ${summary}`).join("\n")}`;

/** Throws for names that are not in {@link ROWS}. */
const selectRows = (only: string | undefined): readonly Row[] => {
  if (only === undefined) return ROWS;
  return only.split(",").map((name) => {
    const row = ROWS.find((each) => each.name === name.trim());
    if (row === undefined)
      throw new Error(`There is no row "${name}". Rows: ${ROWS.map((each) => each.name).join(", ")}`);
    return row;
  });
};

const log = (line: string): void => console.error(line);

interface OpenContext extends AsyncDisposable {
  readonly context: BenchContext;
  /** The URL of OpenSearch, if a row has started the stack. */
  readonly openSearchUrl: () => Promise<string | undefined>;
}

type Sizes = Pick<BenchContext, "rounds" | "events" | "storeSizes">;

const openContext = ({ rounds, events, storeSizes }: Sizes): OpenContext => {
  let home: Promise<string> | undefined;
  let starting: Promise<Stack> | undefined;
  let measuring: Promise<DrainRounds> | undefined;
  const openHome = (): Promise<string> => (home ??= mkdtemp(join(tmpdir(), "edgelog-bench-")));
  const stack = (): Promise<Stack> =>
    (starting ??= openHome().then((path) =>
      startStack({ home: path, ports: "ephemeral", env: { worker: WORKER_ENV } }),
    ));
  const drainRounds = (): Promise<DrainRounds> =>
    (measuring ??= stack().then((running) =>
      measureDrainRounds(running, { rounds, events, withPeers: !values["no-peers"], log }),
    ));
  return {
    context: { rounds, events, storeSizes, home: openHome, stack, drainRounds, log },
    openSearchUrl: async () => (await starting?.catch(() => undefined))?.file.opensearch,
    async [Symbol.asyncDispose]() {
      // A stack that did not start has stopped its services.
      const running = await starting?.catch(() => undefined);
      await running?.stop();
      if (home !== undefined) await rm(await home, { recursive: true, force: true });
    },
  };
};

/** A row that fails does not prevent the others from running. */
const runRow = async (row: Row, context: BenchContext): Promise<RowResult> => {
  try {
    return { row: row.name, ...(await row.run(context)) };
  } catch (error) {
    log(`${row.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 1;
    return { row: row.name, figures: [], skipped: [error instanceof Error ? error.message : String(error)] };
  }
};

const measure = async (rows: readonly Row[], sizes: Sizes): Promise<BenchResult> => {
  const machine = readMachine();
  const started = new Date().toISOString();
  await using open = openContext(sizes);
  const results: RowResult[] = [];
  for (const row of rows) results.push(await runRow(row, open.context));
  const url = await open.openSearchUrl();
  const versions = url === undefined ? {} : { opensearch: await readOpenSearchVersion(url) };
  return {
    started,
    rounds: sizes.rounds,
    events: sizes.events,
    machine: { ...machine, versions: { ...machine.versions, ...versions } },
    rows: results,
  };
};

if (values.help) console.log(HELP);
else {
  const result = await measure(selectRows(values.only), {
    rounds: Number(values.rounds),
    events: Number(values.events),
    storeSizes: values["store-sizes"].split(",").map(Number),
  });
  console.log(values.json ? JSON.stringify(result) : toTextTable(result));
  if (!values["no-save"]) {
    log(`Saved as ${await saveResult(result)}`);
    await writeReport();
  }
}
