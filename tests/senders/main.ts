/**
 * `npm run test:senders`: installs senders of other people from the package registries, lets each send 1,000 logs to a real stack, and
 * prints what was found.
 *
 *   npm run test:senders -- --only loki      senders with this text in their name; several texts with commas
 *   npm run test:senders -- --outage         OpenSearch is away for 30 seconds while each sends
 *   npm run test:senders -- --record         writes what each sends to tests/senders/fixtures. Stack traces contain the path of
 *                                            the clone, so record in a directory whose name may be published
 *
 * Senders that cannot be installed are skipped and counted. Exits with 1 if a log is lost or stored twice, except with `--outage`.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChaosStack, type ChaosStack } from "../chaos/chaos-stack.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";
import { judge, type StoredLog, type Verdict } from "./expected-logs.ts";
import { startRecordingProxy, type RecordedRequest, type RecordingProxy } from "./recording-proxy.ts";
import { SENDERS, type Sender } from "./senders.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    scratch: { type: "string", default: "" },
    outage: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
  },
});

const COUNT = values.record ? 6 : 1_000;
const OUTAGE_MS = 30_000;

/** How long stored logs are waited for after a sender is done. */
const SETTLE_MS = 5_000;

const wanted = values.only.toLowerCase().split(",");
const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));

interface SearchResponse {
  readonly hits?: { readonly hits: readonly { readonly _source: StoredLog }[] };
}

const find = async ({ stack }: ChaosStack, token: string): Promise<readonly StoredLog[]> => {
  const { opensearch } = stack.file;
  await queryOpenSearch(opensearch, "/logs-*/_refresh?ignore_unavailable=true");
  const query = { match_phrase: { body: token } };
  const response = await queryOpenSearch<SearchResponse>(opensearch, "/logs-*/_search?ignore_unavailable=true", {
    size: 3 * COUNT,
    query,
  });
  return response.hits?.hits.map(({ _source }) => _source) ?? [];
};

/** Waits until the number of logs is complete, or does not change any more. */
const findAll = async (chaos: ChaosStack, token: string): Promise<readonly StoredLog[]> => {
  let logs = await find(chaos, token);
  for (let end = Date.now() + SETTLE_MS; logs.length < COUNT && Date.now() < end;) {
    await sleep(500);
    const next = await find(chaos, token);
    if (next.length > logs.length) end = Date.now() + SETTLE_MS;
    logs = next;
  }
  return logs;
};

/** OpenSearch is away until 30 seconds after the first request of a sender. */
const endOutage = async (chaos: ChaosStack, proxy: RecordingProxy, sent: Promise<unknown>): Promise<void> => {
  await Promise.race([proxy.nextRequest(), sent]);
  await sleep(OUTAGE_MS);
  chaos.opensearch.mode = { kind: "healthy" };
};

interface Row {
  readonly name: string;
  readonly state: "run" | "skipped";
  readonly verdict?: Verdict;
  readonly requests: number;
  readonly detail: string;
}

const describeError = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 3).join(" ").slice(0, 300);

const record = async (name: string, proxy: RecordingProxy): Promise<readonly RecordedRequest[]> => {
  const requests = proxy.take();
  if (values.record) {
    const file = `${name
      .replaceAll(/[^\w]+/g, "-")
      .replaceAll(/^-|-$/g, "")
      .toLowerCase()}.json`;
    const logRequests = requests.filter(({ method }) => method !== "GET" && method !== "HEAD");
    await writeFile(join(fixtures, file), `${JSON.stringify({ sender: name, requests: logRequests }, undefined, 2)}\n`);
  }
  return requests;
};

/** Responses that are errors: `503 5 times`. Empty if there are none. */
const describeRefused = (requests: readonly RecordedRequest[]): string => {
  const counts = new Map<number, number>();
  for (const { status } of requests) if (status >= 400) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status} ${count} times`).join(", ");
};

const runSender = async (
  sender: Sender,
  chaos: ChaosStack,
  proxy: RecordingProxy,
  scratch: string,
  number: number,
): Promise<Row> => {
  const { name } = sender;
  try {
    await sender.install(scratch);
  } catch (error) {
    return { name, state: "skipped", requests: 0, detail: `not installable: ${describeError(error)}` };
  }
  const { id: app, key } = chaos.stack.file.app;
  const token = `sender${number}x${Date.now().toString(36)}`;
  if (values.outage) chaos.opensearch.mode = { kind: "status", status: 503 };
  const sent = sender.send({ scratch, url: proxy.url, app, key, token, count: COUNT }).then(() => "", describeError);
  if (values.outage) await endOutage(chaos, proxy, sent);
  const detail = await sent;
  await proxy.idle();
  const verdict = judge(await findAll(chaos, token), COUNT);
  const requests = await record(name, proxy);
  return { name, state: "run", verdict, requests: requests.length, detail: `${describeRefused(requests)} ${detail}` };
};

const toLine = ({ name, state, verdict, requests, detail }: Row): string => {
  if (verdict === undefined) return `${name.padEnd(44)}${state}: ${detail}`;
  const { lost, doubled, fields, levels } = verdict;
  const result = lost === 0 && doubled === 0 ? "all once" : `${lost} lost, ${doubled} doubled`;
  return `${name.padEnd(44)}${String(requests).padStart(9)}  ${result.padEnd(24)}${levels.padEnd(14)}${fields}  ${detail}`;
};

const scratch = values.scratch === "" ? await mkdtemp(join(tmpdir(), "edgelog-senders-")) : values.scratch;
await mkdir(scratch, { recursive: true });
await mkdir(fixtures, { recursive: true });
const rows: Row[] = [];
{
  console.log("Starting the stack");
  await using chaos = await startChaosStack();
  await using proxy = await startRecordingProxy(chaos.stack.file.worker, chaos.stack.file.app.key);
  console.log(
    `${"sender".padEnd(44)}${"requests".padStart(9)}  ${"verdict".padEnd(24)}${"levels".padEnd(14)}fields; in parentheses: missing`,
  );
  for (const [i, sender] of SENDERS.entries()) {
    if (!wanted.some((text) => sender.name.toLowerCase().includes(text))) continue;
    const row = await runSender(sender, chaos, proxy, scratch, i);
    rows.push(row);
    console.log(toLine(row));
  }
}
if (values.scratch === "") await rm(scratch, { recursive: true, force: true });
const isBroken = rows.some(({ verdict }) => verdict !== undefined && (verdict.lost > 0 || verdict.doubled > 0));
const skipped = rows.filter(({ state }) => state === "skipped").length;
console.log(`${rows.length - skipped} senders ran, ${skipped} skipped`);
process.exitCode = isBroken && !values.outage ? 1 : 0;
