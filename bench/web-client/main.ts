/**
 * The cost of browser loggers for a page: edgelog and popular loggers, measured equally in one run.
 *
 *   npm run bench:web-client -- [--sizes | --loop] [--write] [--runs 3] [--only edgelog-http,opentelemetry]
 *
 * `--sizes` measures only the bundles, `--loop` only the error loop; `--write` writes the sizes to web-client/README.md. The first run installs
 * the other clients into `others/`.
 */
import { parseArgs } from "node:util";
import { bundleClient, prepareClients, versionOf, type Candidate } from "./bundle.ts";
import { CLIENTS } from "./clients.ts";
import { LOGS, startCostBench, type Cost } from "./measure-costs.ts";
import { LOOP_ERRORS, measureErrorLoops } from "./measure-error-loop.ts";
import { costsTable, loopTable, sizesTable, verdicts } from "./tables.ts";
import { writeSizes } from "./write-sizes.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "boolean", default: false },
    loop: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    runs: { type: "string", default: "3" },
    only: { type: "string" },
  },
});

await prepareClients();
const only = values.only?.split(",");
const candidates: Candidate[] = [];
for (const client of CLIENTS) {
  if (!client.isBaseline && only && !only.includes(client.id)) continue;
  candidates.push({ client, version: await versionOf(client), bundle: await bundleClient(client) });
}

const sizes = sizesTable(candidates);
console.log(sizes);
if (values.write) await writeSizes(sizes);

if (!values.sizes && !values.loop) {
  await using bench = await startCostBench();
  const costs = new Map<Candidate, Cost[]>(candidates.map((candidate) => [candidate, []]));
  const [warmUp] = candidates;
  if (warmUp) await bench.measure(warmUp.bundle);
  // Interleaved, so that other load of the machine affects all clients equally.
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const [candidate, each] of costs) each.push(await bench.measure(candidate.bundle));
  }
  console.log(`\n${LOGS} logs in bursts of 20, median of ${values.runs} runs\n`);
  console.log(costsTable(costs));
  console.log(verdicts(costs));
}

if (!values.sizes) {
  console.log(`\n${LOOP_ERRORS} errors in a loop, by listener\n`);
  console.log(loopTable(await measureErrorLoops()));
}
