/** `npm run backup`: snapshots of OpenSearch, and the entries of KV in a file. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectOpenSearch, type OpenSearch } from "../../opensearch/connect.ts";
import { setUpOpenSearch } from "../../opensearch/setup.ts";
import { exportApps, importApps } from "../apps/backup.ts";
import { openKv, TARGET_OPTIONS, type KvTarget } from "../apps/targets.ts";
import { restoreSnapshot, type RestoredIndex } from "../backup/restore.ts";
import { createSnapshot, listSnapshots, pruneSnapshots, registerRepository } from "../backup/snapshots.ts";
import { assertNoMore, runCommand, unknownCommand } from "../lib/command-line.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { print, printError, printWarning } from "../lib/print.ts";
import { pluralize } from "#contract/wire/quantity.ts";

const HELP = `Usage: npm run backup -- COMMAND [options]

  create               write KV to apps.json in --dir, and create a snapshot of OpenSearch
  list                 list the snapshots
  restore [SNAPSHOT]   install the index templates, restore the indices that OpenSearch lacks (default: from the newest snapshot
                       that has them, unless they have expired), add the documents that indices lack which were created again, and
                       the entries that KV lacks, from apps.json in --dir. Changes nothing that exists.

  --dir DIR            directory of apps.json, which has hashes and no keys
  --location PATH      directory of the snapshots on the nodes of OpenSearch, in path.repo; needed once for each cluster
  --keep N             with create: delete all but the newest N snapshots (default: 14)
  --force              with create: replace apps.json even if it has apps that KV lacks
  --remote             use KV on Cloudflare
  --kv FILE            use the KV file of a server without Cloudflare (default: EDGELOG_KV)

OpenSearch: OPENSEARCH_URL (with OPENSEARCH_CA), or the running local stack. The files of the broker: docs/operate/backup.md.`;

const KV_FILE = "apps.json";

/** A snapshot of a large cluster takes a while; nothing else limits it. */
const SNAPSHOT_TIMEOUT_MS = 3_600_000;

interface Options {
  readonly dir: string | undefined;
  readonly location: string | undefined;
  readonly keep: number;
  readonly force: boolean;
  readonly target: KvTarget;
}

/** Runs all steps, even if one fails. Prints the errors. */
const runAll = async (...steps: readonly (() => Promise<void>)[]): Promise<void> => {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      printError(error);
      process.exitCode = 1;
    }
  }
};

const saveKv = async ({ dir, force, target }: Options): Promise<void> => {
  if (dir === undefined) throw new StackError("KV was not saved: pass --dir DIR.");
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await using kv = await openKv(defaultHome(), target);
  const file = join(dir, KV_FILE);
  const count = await exportApps(kv, file, { force, nowMs: Date.now() });
  print(`${pluralize(count, "entry", "entries")} of KV written to ${file}`);
};

const saveOpenSearch = async (opensearch: OpenSearch, { location, keep }: Options): Promise<void> => {
  if (location !== undefined) await registerRepository(opensearch, location);
  const { snapshot, indices } = await createSnapshot(opensearch, Date.now());
  print(`Snapshot ${snapshot}: ${pluralize(indices.length, "index", "indices")}`);
  const deleted = await pruneSnapshots(opensearch, keep);
  if (deleted.length > 0) print(`Deleted old snapshots: ${deleted.join(" ")}`);
};

const printRestored = (results: readonly RestoredIndex[]): void => {
  const namesOf = (outcome: RestoredIndex["outcome"]): readonly string[] =>
    results.filter((result) => result.outcome === outcome).map(({ index }) => index);
  const [restored, unchanged] = [namesOf("restored"), namesOf("unchanged")];
  print(
    `Restored ${pluralize(restored.length, "index", "indices")}${restored.length === 0 ? "" : `: ${restored.join(" ")}`}`,
  );
  for (const result of results) {
    if (result.outcome === "added") {
      print(`Added ${pluralize(result.documents, "document")} to ${result.index}, which existed`);
    }
  }
  const older = results.flatMap((result) =>
    result.outcome === "restored" && result.from !== undefined ? [{ index: result.index, from: result.from }] : [],
  );
  const byOlder = Map.groupBy(older, ({ from }) => from);
  for (const [snapshot, indices] of byOlder) {
    print(
      `From ${snapshot}, because newer snapshots were made after a loss: ${indices.map(({ index }) => index).join(" ")}`,
    );
  }
  const [lastBefore] = byOlder.keys();
  if (lastBefore !== undefined) {
    print(`To add the documents of indices that were created again since: npm run backup -- restore ${lastBefore}`);
  }
  if (unchanged.length > 0) print(`Not changed, because they have the documents already: ${unchanged.join(" ")}`);
  for (const result of results) {
    if (result.outcome === "failed") printWarning(`Not restored: ${result.index}: ${result.reason}`);
  }
};

const restoreOpenSearch = async (
  opensearch: OpenSearch,
  url: string,
  name: string | undefined,
  { location }: Options,
): Promise<void> => {
  if (location !== undefined) await registerRepository(opensearch, location);
  await setUpOpenSearch(url);
  const results = await restoreSnapshot(opensearch, name);
  printRestored(results);
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  if (failed > 0) {
    throw new StackError(
      `${pluralize(failed, "index was", "indices were")} not restored, see above. Remove the causes, and repeat the command.`,
    );
  }
};

const restoreKv = async ({ dir, target }: Options): Promise<void> => {
  if (dir === undefined) throw new StackError("KV was not restored: pass --dir DIR.");
  await using kv = await openKv(defaultHome(), target);
  const { added, different, unchanged } = await importApps(kv, join(dir, KV_FILE), { force: false, nowMs: Date.now() });
  print(`KV: ${added.length} entries added, ${different.length} different, ${unchanged} unchanged`);
  print("Now update the broker: npm run app -- sync");
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string" },
      location: { type: "string" },
      keep: { type: "string", default: "14" },
      force: { type: "boolean", default: false },
      remote: TARGET_OPTIONS.remote,
      kv: TARGET_OPTIONS.kv,
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", name] = positionals;
  if (values.help) return print(HELP);
  if (!["create", "list", "restore"].includes(command)) throw unknownCommand(command, HELP);
  assertNoMore(positionals, command === "restore" ? 2 : 1);
  const keep = Number(values.keep);
  if (!Number.isInteger(keep) || keep < 1) throw new StackError("--keep must be a positive number.");
  const url = await findOpenSearchUrl();
  await using opensearch = connectOpenSearch(url, { timeoutMs: SNAPSHOT_TIMEOUT_MS, maxRetries: 0 });
  const options = { dir: values.dir, location: values.location, keep, force: values.force, target: values };
  // KV first: its file must not depend on the state of the indices.
  if (command === "create") {
    return await runAll(
      () => saveKv(options),
      () => saveOpenSearch(opensearch, options),
    );
  }
  if (command === "restore") {
    return await runAll(
      () => restoreOpenSearch(opensearch, url, name, options),
      () => restoreKv(options),
    );
  }
  if (options.location !== undefined) await registerRepository(opensearch, options.location);
  for (const { snapshot, state, indices } of await listSnapshots(opensearch)) {
    print(`${snapshot}  ${state}  ${indices.length} indices`);
  }
};

await runCommand(main);
