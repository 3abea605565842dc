/**
 * A copy of KV in one file: apps, removed apps and reader tokens, as hashes. Importing it restores an emptied namespace;
 * the broker's password file is then derived from it, so all keys and tokens stay valid.
 */
import { isDeepStrictEqual } from "node:util";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import {
  APP_ENTRY_PREFIX,
  appRecordSchema,
  READER_ENTRY_PREFIX,
  readerRecordSchema,
  REMOVED_APP_DAYS,
  removedAppSchema,
} from "#contract/store/app-record.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { StackError } from "../lib/stack-error.ts";
import { writePrivate } from "../lib/write-private.ts";
import type { Kv } from "./kv.ts";

const SHA256 = /^[0-9a-f]{64}$/;

/** KV's minimum. */
const MIN_EXPIRY_MS = 60_000;

const appNameSchema = z
  .string()
  .refine((name) => name.startsWith(APP_ENTRY_PREFIX) && APP_ID_PATTERN.test(name.slice(APP_ENTRY_PREFIX.length)));
const readerNameSchema = z
  .string()
  .refine((name) => name.startsWith(READER_ENTRY_PREFIX) && SHA256.test(name.slice(READER_ENTRY_PREFIX.length)));

const backupSchema = z.object({
  version: z.literal(1),
  exportedAt: z.iso.datetime(),
  apps: z.record(appNameSchema, z.union([removedAppSchema, appRecordSchema])),
  readers: z.record(readerNameSchema, readerRecordSchema),
});

type Backup = z.output<typeof backupSchema>;

/** Writes the file with mode 0600. Throws if KV has a malformed entry. Returns the number of entries. */
export const exportApps = async (kv: Kv, path: string, nowMs: number): Promise<number> => {
  const backup = backupSchema.safeParse({
    version: 1,
    exportedAt: new Date(nowMs).toISOString(),
    apps: Object.fromEntries(await kv.list(APP_ENTRY_PREFIX)),
    readers: Object.fromEntries(await kv.list(READER_ENTRY_PREFIX)),
  });
  if (!backup.success) throw new StackError(`KV has malformed entries:\n${z.prettifyError(backup.error)}`);
  await writePrivate(path, `${JSON.stringify(backup.data, null, 2)}\n`);
  return Object.keys(backup.data.apps).length + Object.keys(backup.data.readers).length;
};

const readBackup = async (path: string): Promise<Backup> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new StackError(`Cannot read ${path}: ${error.message}`);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new StackError(`${path} is not JSON.`);
  }
  const backup = backupSchema.safeParse(content);
  if (!backup.success) throw new StackError(`${path} is not an export:\n${z.prettifyError(backup.error)}`);
  return backup.data;
};

/** Milliseconds until the entry of a removed app expires. `undefined` for other entries. */
const toRemainingMs = (entry: object, nowMs: number): number | undefined =>
  "removedAt" in entry && typeof entry.removedAt === "string"
    ? Date.parse(entry.removedAt) + REMOVED_APP_DAYS * DAY_MS - nowMs
    : undefined;

export interface ImportResult {
  /** Names of entries that KV did not have, or that were malformed. */
  readonly added: readonly string[];
  /** Names of entries that KV has with another value. They are replaced only with `force`. */
  readonly different: readonly string[];
  /** Number of entries that KV already has. */
  readonly unchanged: number;
}

const isValidEntry = (name: string, entry: unknown): boolean =>
  (name.startsWith(APP_ENTRY_PREFIX) ? backupSchema.shape.apps : backupSchema.shape.readers).safeParse({
    [name]: entry,
  }).success;

/** Adds the entries that KV does not have, and replaces malformed ones. Importing a file twice changes nothing. */
export const importApps = async (
  kv: Kv,
  path: string,
  { force, nowMs }: { readonly force: boolean; readonly nowMs: number },
): Promise<ImportResult> => {
  const { apps, readers } = await readBackup(path);
  const before = new Map([...(await kv.list(APP_ENTRY_PREFIX)), ...(await kv.list(READER_ENTRY_PREFIX))]);
  const added: string[] = [];
  const different: string[] = [];
  let unchanged = 0;
  for (const [name, entry] of Object.entries({ ...apps, ...readers })) {
    const remainingMs = toRemainingMs(entry, nowMs);
    if (remainingMs !== undefined && remainingMs < MIN_EXPIRY_MS) continue;
    const found = before.get(name);
    const current = isValidEntry(name, found) ? found : undefined;
    if (isDeepStrictEqual(current, entry)) {
      unchanged += 1;
      continue;
    }
    (current === undefined ? added : different).push(name);
    if (current !== undefined && !force) continue;
    await kv.put({ [name]: entry }, remainingMs === undefined ? {} : { expireAfterMs: remainingMs });
  }
  return { added, different, unchanged };
};
