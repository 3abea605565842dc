/**
 * Puts the demo app and the reader token into the Worker's KV, in the directory that `wrangler dev` keeps it in. Done by
 * a process of its own before the Worker starts, and only when what is to be there has changed.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { StackError } from "../errors.ts";
import { DEMO_APP, type Secrets } from "../secrets.ts";
import { pathsOf, ROOT_DIR } from "../state-dir.ts";
import { quietWranglerEnv } from "./wrangler-env.ts";

const DEMO_RETENTION_DAYS = 30;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Entries of KV, as worker/src/apps.ts reads them; hashes only. */
const createEntries = (secrets: Secrets): Readonly<Record<string, object>> => ({
  [`app:${DEMO_APP}`]: { keyHashes: [sha256(secrets.appKey)], retentionDays: DEMO_RETENTION_DAYS },
  [`reader:${sha256(secrets.readerToken)}`]: { apps: [DEMO_APP] },
});

export const seedApps = async (home: string, secrets: Secrets): Promise<void> => {
  const { worker } = pathsOf(home);
  const stamp = join(worker, "apps.hash");
  const input = JSON.stringify(createEntries(secrets));
  if ((await readFile(stamp, "utf8").catch(() => "")) === sha256(input)) return;
  await mkdir(worker, { recursive: true, mode: 0o700 });
  const { failed, all } = await execa(
    process.execPath,
    [join(ROOT_DIR, "stack", "parts", "put-kv-entries.ts"), worker],
    {
      input,
      reject: false,
      all: true,
      env: quietWranglerEnv(home),
    },
  );
  if (failed) throw new StackError(`The demo app could not be put into the Worker's KV:\n${all}`);
  await writeFile(stamp, sha256(input));
};
