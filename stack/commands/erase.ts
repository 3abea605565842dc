/** `npm run erase`: deletes the logs and rejected events of one user, and proves it with a search. */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import { APP_ENTRY_PREFIX } from "#contract/store/app-record.ts";
import { erasureResponseSchema, type ErasureResponse } from "#contract/api/erasure.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import type { Kv } from "../apps/kv.ts";
import { openKv, TARGET_OPTIONS } from "../apps/targets.ts";
import { createEraseToken, type EraseToken } from "../erase/erase-token.ts";
import { readUser } from "../erase/read-user.ts";
import { onStopSignal, SIGNALS } from "../lib/on-stop-signal.ts";
import { runCommand } from "../lib/command-line.ts";
import { StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { print, printError } from "../lib/print.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { readVariable } from "../lib/read-variable.ts";

const HELP = `Usage: npm run erase -- [options]

Reads the user from standard input: a line with the value of user.id or user.email. Counts the user's logs and
rejected events, deletes them, and repeats until none are left. Older logs of the user that arrive later, for example from an offline
device, are rejected. The audit record in the index edgelog-erasures does not contain the user's id.

  --user ID     the user; visible in the process list and in the history of the shell
  --app ID      only in this app; repeatable (default: all apps)
  --force       also apps that KV does not have, for example because they were removed more than 30 days ago
  --dry-run     count only
  --remote      use KV on Cloudflare
  --kv FILE     use the KV file of a server without Cloudflare (default: EDGELOG_KV)
  --url URL     the Worker (default: EDGELOG_WORKER_URL, or the running local stack)`;

/** Until then every isolate of the Worker refuses logs of the user: see worker/src/access/app-store.ts. */
const SETTLE_MS = { local: 1_500, remote: MINUTE_MS + 5_000 };

/** A stuck erasure must not run without end. One request deletes up to 10,000 documents of each kind. */
const MAX_REQUESTS = 1_000;

/** Also removed apps, and those whose entry is malformed: their logs exist until they expire. */
const listApps = async (kv: Kv): Promise<readonly string[]> => {
  const apps = [...(await kv.list(APP_ENTRY_PREFIX)).keys()].map((name) => name.slice(APP_ENTRY_PREFIX.length));
  return apps.filter((app) => APP_ID_PATTERN.test(app));
};

/** Extra time for the revocation through wrangler, which takes a few seconds. */
const REVOKE_TIMEOUT_MS = 30_000;

const INTERRUPTED = 130;

/** Revokes the token at the end: also after an error, Ctrl-C or SIGTERM. */
const withToken = async <T>(token: EraseToken, use: () => Promise<T>): Promise<T> => {
  // Miniflare, which gives access to the local KV, ends the process at once on these signals.
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  // One Ctrl-C can arrive twice, which close-with-grace would treat as a request to exit at once.
  const closing = closeWithGrace({ delay: REVOKE_TIMEOUT_MS, logger: false, skip: [...SIGNALS] }, async ({ err }) => {
    if (err !== undefined) printError(err);
    await token.revoke();
    process.exit(INTERRUPTED);
  });
  onStopSignal({ onFirst: () => closing.close(), onSecond: () => process.exit(INTERRUPTED) });
  try {
    return await use();
  } finally {
    await token.revoke();
    closing.uninstall();
  }
};

type Send = (dryRun: boolean) => Promise<ErasureResponse>;

const createSend =
  (url: string, token: EraseToken, user: string): Send =>
  async (dryRun) => {
    await token.ensure();
    const response = await fetch(new URL("/erasures", url), {
      method: "POST",
      headers: { Authorization: `Bearer ${token.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ user, dryRun }),
    });
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = erasureResponseSchema.safeParse(body);
    if (response.ok && parsed.success) return parsed.data;
    const { detail = "" } = (body ?? {}) as { detail?: string };
    throw new StackError(`The Worker responded with ${response.status}. ${detail}\nRun the same command again.`);
  };

const describe = ({ logs, rejected }: ErasureResponse): string =>
  `${pluralize(logs, "log")} and ${pluralize(rejected, "rejected event")}`;

/** Deletes until nothing is left. Returns the number of requests. */
const eraseAll = async (send: Send): Promise<void> => {
  for (let request = 0; request < MAX_REQUESTS; request += 1) {
    const result = await send(false);
    print(`Deleted ${describe(result)}; ${result.remaining} left.`);
    if (result.remaining === 0) return;
  }
  throw new StackError("Some documents could not be deleted. Check /healthz of the Worker for a read-only index.");
};

const run = async (send: Send, isDryRun: boolean, settleMs: number): Promise<void> => {
  const found = await send(true);
  print(`Found ${describe(found)}.`);
  if (isDryRun) return;
  await eraseAll(send);
  print(`Waiting ${Math.round(settleMs / 1_000)} s until every isolate refuses old logs of the user …`);
  await sleep(settleMs);
  const late = await send(true);
  if (late.remaining > 0) {
    await eraseAll(send);
    const last = await send(true);
    if (last.remaining > 0) throw new StackError(`${last.remaining} documents are left. Run the same command again.`);
  }
  print("A search finds no log and no rejected event of the user.");
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      user: { type: "string" },
      app: { type: "string", multiple: true },
      force: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      remote: TARGET_OPTIONS.remote,
      kv: TARGET_OPTIONS.kv,
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  const { app, remote } = values;
  const user = values.user ?? (await readUser());
  if (user === "") throw new StackError(HELP);
  const home = defaultHome();
  const url = values.url ?? readVariable("EDGELOG_WORKER_URL") ?? (await readStackFile(home))?.worker;
  if (url === undefined) throw new StackError("No stack is running. Start one, or pass --url URL.");
  await using kv = await openKv(home, values);
  const known = await listApps(kv);
  const unknown = (app ?? []).filter((each) => !known.includes(each));
  // A search in an app that does not exist finds nothing, which would look like a proof.
  if (unknown.length > 0 && !values.force) {
    throw new StackError(
      `KV has no app ${unknown.join(" ")}, so nothing was erased. \`npm run app -- list\` lists the apps. ` +
        "If it was removed more than 30 days ago and still has logs, pass --force.",
    );
  }
  const apps = app ?? known;
  if (apps.length === 0) throw new StackError("KV has no app.");
  const token = createEraseToken(kv, apps, () => openKv(home, values));
  const settleMs = remote ? SETTLE_MS.remote : SETTLE_MS.local;
  await withToken(token, () => run(createSend(url, token, user), values["dry-run"], settleMs));
};

await runCommand(main);
