/** `npm run backup`: snapshots of OpenSearch, and the entries of KV in a file. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { connectOpenSearch, type OpenSearch } from "../../opensearch/connect.ts";
import { setUpOpenSearch } from "../../opensearch/setup.ts";
import { exportApps, importApps } from "../apps/backup.ts";
import { openKv, TARGET_OPTIONS, type KvTarget } from "../apps/targets.ts";
import {
  createSnapshot,
  listSnapshots,
  pruneSnapshots,
  registerRepository,
  restoreSnapshot,
} from "../backup/snapshots.ts";
import { unknownCommand } from "../lib/command-line.ts";
import { StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { print, printError } from "../lib/print.ts";
import { pluralize } from "#contract/wire/quantity.ts";

const HELP = `Usage: npm run backup -- COMMAND [options]

  create               create a snapshot of OpenSearch, and write KV to apps.json in --dir
  list                 list the snapshots
  restore [SNAPSHOT]   install the index templates, restore the indices that OpenSearch lacks (default: from the newest snapshot),
                       and add the entries that KV lacks, from apps.json in --dir. Changes nothing that exists.

  --dir DIR            directory of apps.json, which has hashes and no keys
  --location PATH      directory of the snapshots on the nodes of OpenSearch, in path.repo; needed once for each cluster
  --keep N             with create: delete all but the newest N snapshots (default: 14)
  --remote             use KV on Cloudflare
  --kv FILE            use the KV file of a server without Cloudflare (default: EDGELOG_KV)

OpenSearch: OPENSEARCH_URL (with OPENSEARCH_CA), or the running local stack. The files of the broker: docs/operate/backup.md.`;

const KV_FILE = "apps.json";

/** A snapshot of a large cluster takes a while; nothing else limits it. */
const SNAPSHOT_TIMEOUT_MS = 3_600_000;

interface Options {
  readonly dir: string | undefined;
  readonly keep: number;
  readonly target: KvTarget;
}

const create = async (opensearch: OpenSearch, { dir, keep, target }: Options): Promise<void> => {
  const { snapshot, indices } = await createSnapshot(opensearch, Date.now());
  print(`Snapshot ${snapshot}: ${pluralize(indices.length, "index", "indices")}`);
  const deleted = await pruneSnapshots(opensearch, keep);
  if (deleted.length > 0) print(`Deleted old snapshots: ${deleted.join(" ")}`);
  if (dir === undefined) throw new StackError("KV was not saved: pass --dir DIR.");
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await using kv = await openKv(defaultHome(), target);
  const file = join(dir, KV_FILE);
  print(`${await exportApps(kv, file, Date.now())} entries of KV written to ${file}`);
};

const restore = async (opensearch: OpenSearch, url: string, name: string | undefined, options: Options) => {
  const { dir, target } = options;
  await setUpOpenSearch(url);
  const { restored, skipped } = await restoreSnapshot(opensearch, name);
  print(
    `Restored ${pluralize(restored.length, "index", "indices")}${restored.length === 0 ? "" : `: ${restored.join(" ")}`}`,
  );
  if (skipped.length > 0) print(`Not changed, because they exist: ${skipped.join(" ")}`);
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
      remote: TARGET_OPTIONS.remote,
      kv: TARGET_OPTIONS.kv,
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command = "", name] = positionals;
  if (values.help) return print(HELP);
  if (!["create", "list", "restore"].includes(command)) throw unknownCommand(command, HELP);
  const keep = Number(values.keep);
  if (!Number.isInteger(keep) || keep < 1) throw new StackError("--keep must be a positive number.");
  const url = process.env["OPENSEARCH_URL"] ?? (await readStackFile(defaultHome()))?.opensearch;
  if (url === undefined) throw new StackError("No stack is running. Start one, or set OPENSEARCH_URL.");
  await using opensearch = connectOpenSearch(url, { timeoutMs: SNAPSHOT_TIMEOUT_MS, maxRetries: 0 });
  if (values.location !== undefined) await registerRepository(opensearch, values.location);
  const options = { dir: values.dir, keep, target: values };
  if (command === "create") return await create(opensearch, options);
  if (command === "restore") return await restore(opensearch, url, name, options);
  for (const { snapshot, state, indices } of await listSnapshots(opensearch)) {
    print(`${snapshot}  ${state}  ${indices.length} indices`);
  }
};

try {
  await main();
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
