/** `npm run erase`: deletes the logs and rejected events of one user, and proves it with a search. */
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { APP_ENTRY_PREFIX, appRecordSchema, readerEntry } from "#contract/store/app-record.ts";
import { erasureResponseSchema, type ErasureResponse } from "#contract/api/erasure.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import type { Kv } from "../apps/kv.ts";
import { sha256 } from "../apps/records.ts";
import { openKv } from "../apps/targets.ts";
import { createSecret } from "../lib/secrets.ts";
import { formatError, StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";

const HELP = `Usage: npm run erase -- --user ID [options]

Counts the logs and rejected events of the user, deletes them, refuses logs from before this moment that a device still has,
and counts again until nothing is left. The audit record is in the index edgelog-erasures, without the user's id.

  --user ID     value of user.id or user.email
  --app ID      only in this app; repeatable (default: all apps)
  --dry-run     count only
  --remote      use KV on Cloudflare
  --url URL     the Worker (default: EDGELOG_WORKER_URL, or the running local stack)`;

/** Until then every isolate of the Worker refuses logs of the user: see worker/src/access/app-store.ts. */
const SETTLE_MS = { local: 1_500, remote: MINUTE_MS + 5_000 };

/** A stuck erasure must not run without end. One request deletes up to 10,000 documents of each kind. */
const MAX_REQUESTS = 1_000;

const TOKEN_LIFE_MS = 60 * MINUTE_MS;

const listApps = async (kv: Kv): Promise<readonly string[]> => {
  const entries = await kv.list(APP_ENTRY_PREFIX);
  return [...entries].flatMap(([name, value]) =>
    appRecordSchema.safeParse(value).success ? [name.slice(APP_ENTRY_PREFIX.length)] : [],
  );
};

/** Removes the token at the end, also after an error. */
const withToken = async <T>(kv: Kv, apps: readonly string[], use: (token: string) => Promise<T>): Promise<T> => {
  const token = createSecret("elr_");
  const name = readerEntry(sha256(token));
  const expiresAt = new Date(Date.now() + TOKEN_LIFE_MS).toISOString();
  await kv.put(
    { [name]: { apps, expiresAt, note: "npm run erase", canErase: true } },
    { expireAfterMs: TOKEN_LIFE_MS },
  );
  try {
    return await use(token);
  } finally {
    await kv.remove(name);
  }
};

type Send = (dryRun: boolean) => Promise<ErasureResponse>;

const createSend =
  (url: string, token: string, user: string): Send =>
  async (dryRun) => {
    const response = await fetch(new URL("/erasures", url), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ user, dryRun }),
    });
    const body: unknown = await response.json().catch(() => undefined);
    const parsed = erasureResponseSchema.safeParse(body);
    if (response.ok && parsed.success) return parsed.data;
    const { detail = "" } = (body ?? {}) as { detail?: string };
    throw new StackError(`The Worker responded with ${response.status}. ${detail}\nRun the same command again.`);
  };

const describe = ({ logs, rejected }: ErasureResponse): string => `${logs} logs and ${rejected} rejected events`;

/** Deletes until nothing is left. Returns the number of requests. */
const eraseAll = async (send: Send): Promise<void> => {
  for (let request = 0; request < MAX_REQUESTS; request += 1) {
    const result = await send(false);
    console.log(`Deleted ${describe(result)}; ${result.remaining} left.`);
    if (result.remaining === 0) return;
  }
  throw new StackError("Documents are left. Is an index read-only? See /healthz of the Worker.");
};

const run = async (send: Send, isDryRun: boolean, settleMs: number): Promise<void> => {
  const found = await send(true);
  console.log(`Found ${describe(found)}.`);
  if (isDryRun) return;
  await eraseAll(send);
  console.log(`Waiting ${Math.round(settleMs / 1_000)} s until every isolate refuses old logs of the user …`);
  await sleep(settleMs);
  const late = await send(true);
  if (late.remaining > 0) {
    await eraseAll(send);
    const last = await send(true);
    if (last.remaining > 0) throw new StackError(`${last.remaining} documents are left. Run the same command again.`);
  }
  console.log("A search finds no log and no rejected event of the user.");
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      user: { type: "string" },
      app: { type: "string", multiple: true },
      "dry-run": { type: "boolean", default: false },
      remote: { type: "boolean", default: false },
      url: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { user, app, remote } = values;
  if (user === undefined || user === "") throw new StackError(HELP);
  const home = defaultHome();
  const url = values.url ?? process.env["EDGELOG_WORKER_URL"] ?? (await readStackFile(home))?.worker;
  if (url === undefined) throw new StackError("No stack is running. Start one, or pass --url URL.");
  await using kv = await openKv(home, { remote });
  const apps = app ?? (await listApps(kv));
  if (apps.length === 0) throw new StackError("KV has no app.");
  await withToken(kv, apps, (token) =>
    run(createSend(url, token, user), values["dry-run"], remote ? SETTLE_MS.remote : SETTLE_MS.local),
  );
};

try {
  await main();
} catch (error) {
  console.error(formatError(error));
  process.exitCode = 1;
}
