/** `npm run retention`: lists past and future deletions of retention, and puts apps on hold. */
import { parseArgs } from "node:util";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import type { Hold } from "#contract/store/retention.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { connectOpenSearch, type OpenSearch } from "../../opensearch/connect.ts";
import { expiryOf, planRetention, type SizeLimits } from "../../worker/src/retention/plan-retention.ts";
import {
  addHeldDocuments,
  fetchDisks,
  fetchHolds,
  fetchIndices,
  fetchRuns,
  updateHolds,
} from "../../worker/src/retention/retention-store.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { print } from "../lib/print.ts";
import { assertNoMore, runCommand, unknownCommand } from "../lib/command-line.ts";
import { findOpenSearchUrl } from "../lib/opensearch-url.ts";
import { StackError } from "../lib/stack-error.ts";
import { readWranglerConfig, WRANGLER_TOML } from "../lib/wrangler-config.ts";
import { describeHold, describeLater, describePlanned, describeRun } from "../retention/describe.ts";
import { findSizeLimits } from "../retention/find-size-limits.ts";
import { hasDocuments } from "../retention/has-documents.ts";
import { toStoreClient } from "../retention/store-client.ts";

const HELP = `Usage: npm run retention -- COMMAND [options]

  plan              show what the next hourly run deletes, and what expires in the next days; deletes nothing
  log               show the latest runs that deleted something: index, documents, reason
  holds             list the apps on hold
  hold APP…         keep the logs and rejected events of these apps when they expire. Those of other apps are deleted.
  release APP…      end the hold; the next run deletes what has expired

  --days N              with plan: days to look ahead (default: 7)
  --max-bytes N         with plan: instead of RETENTION_MAX_BYTES; for instance 500GB
  --max-disk-percent N  with plan: instead of RETENTION_MAX_DISK_PERCENT
  --limit N             with log: number of runs (default: 20)
  --note TEXT           with hold: the reason
  --force               with hold: also if OpenSearch has no logs and no rejected events of the app

The limits RETENTION_MAX_BYTES and RETENTION_MAX_DISK_PERCENT come from the environment, or from wrangler.toml.
OpenSearch: OPENSEARCH_URL (with OPENSEARCH_CA), or the running local stack.`;

type Client = ReturnType<typeof toStoreClient>;

const plan = async (client: Client, days: number, limits: SizeLimits): Promise<void> => {
  const nowMs = Date.now();
  const [indices, holds, disks = []] = await Promise.all([
    fetchIndices(client),
    fetchHolds(client),
    limits.maxDiskShare === undefined ? [] : fetchDisks(client),
  ]);
  const held = holds.map(({ app }) => app);
  const planned = planRetention(await addHeldDocuments(client, indices, held), nowMs, limits, disks);
  print(`Deleted by the next run: ${pluralize(planned.length, "index", "indices")}`);
  for (const each of planned) print(`  ${describePlanned(each)}`);
  const later = indices
    .filter(({ name }) => {
      const expiryMs = expiryOf(name) ?? Infinity;
      return expiryMs >= nowMs && expiryMs < nowMs + days * DAY_MS && !planned.some((each) => each.name === name);
    })
    .toSorted((a, b) => (expiryOf(a.name) ?? 0) - (expiryOf(b.name) ?? 0));
  print(`Expires in the next ${pluralize(days, "day")}: ${pluralize(later.length, "index", "indices")}`);
  for (const each of later) print(`  ${describeLater(each)}`);
  if (holds.length > 0) print(`On hold: ${held.join(" ")}`);
};

const hold = async (client: Client, apps: readonly string[], note: string): Promise<void> => {
  const since = new Date().toISOString();
  const next = apps.map((app): Hold => ({ app, since, note }));
  await updateHolds(client, (holds) => [...holds.filter((each) => !apps.includes(each.app)), ...next]);
  for (const app of apps) {
    print(
      `${app} is on hold. Its logs and rejected events are not deleted until \`npm run retention -- release ${app}\`.`,
    );
  }
};

const release = async (client: Client, apps: readonly string[]): Promise<void> => {
  const holds = await fetchHolds(client);
  const others = apps.filter((app) => !holds.some((each) => each.app === app));
  if (others.length > 0) throw new StackError(others.map((app) => `${app} is not on hold.`).join("\n"));
  await updateHolds(client, (current) => current.filter((each) => !apps.includes(each.app)));
  for (const app of apps) {
    print(`${app} is not on hold anymore. The next run of retention deletes the expired logs.`);
  }
};

/** Throws for apps without documents: a hold of a mistyped app would keep nothing. */
const assertDocuments = async (opensearch: OpenSearch, apps: readonly string[]): Promise<void> => {
  for (const app of apps) {
    if (await hasDocuments(opensearch, app)) continue;
    throw new StackError(
      `OpenSearch has no logs and no rejected events of ${app}, so nothing was put on hold. For an app that sends later, pass --force.`,
    );
  }
};

const toNumber = (option: string, text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new StackError(`--${option} must be a positive number.`);
  return number;
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      days: { type: "string", default: "7" },
      limit: { type: "string", default: "20" },
      "max-bytes": { type: "string" },
      "max-disk-percent": { type: "string" },
      note: { type: "string", default: "" },
      force: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  const [command = "", ...names] = positionals;
  const apps = [...new Set(names)];
  if (!["plan", "log", "holds", "hold", "release"].includes(command)) throw unknownCommand(command, HELP);
  if (!["hold", "release"].includes(command)) assertNoMore(positionals, 1);
  else if (apps.length === 0 || !apps.every((app) => APP_ID_PATTERN.test(app))) {
    throw new StackError("Missing or invalid app id.");
  }
  const { vars } = readWranglerConfig(WRANGLER_TOML);
  const limits = findSizeLimits({ options: values, env: omitEmpty(process.env), vars });
  const [days, limit] = [toNumber("days", values.days), toNumber("limit", values.limit)];
  await using opensearch = connectOpenSearch(await findOpenSearchUrl());
  const client = toStoreClient(opensearch);
  if (command === "plan") return await plan(client, days, limits);
  if (command === "hold") {
    if (!values.force) await assertDocuments(opensearch, apps);
    return await hold(client, apps, values.note);
  }
  if (command === "release") return await release(client, apps);
  if (command === "holds") {
    const holds = await fetchHolds(client);
    for (const each of holds) print(describeHold(each));
    return print(`${pluralize(holds.length, "app")} on hold`);
  }
  const runs = await fetchRuns(client, limit);
  for (const run of runs) print(describeRun(run));
  print(`${pluralize(runs.length, "run")} that deleted something`);
};

await runCommand(main);
