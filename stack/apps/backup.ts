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
import { pluralize } from "#contract/wire/quantity.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";
import { formatError, StackError } from "../lib/stack-error.ts";
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

/** `undefined` if the file does not exist. */
const findBackup = async (path: string): Promise<Backup | undefined> => {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new StackError(`Cannot read ${path}: ${error.message}`);
  });
  if (text === undefined) return undefined;
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

const readBackup = async (path: string): Promise<Backup> => {
  const backup = await findBackup(path);
  if (backup === undefined) throw new StackError(`Cannot read ${path}: there is no such file.`);
  return backup;
};

/** Whether the name and the value are those of an app, a removed app or a reader token. */
export const isValidEntry = (name: string, entry: unknown): boolean =>
  (name.startsWith(APP_ENTRY_PREFIX) ? backupSchema.shape.apps : backupSchema.shape.readers).safeParse({
    [name]: entry,
  }).success;

/** The entries of one kind. In the place of a malformed entry, the file keeps that of its last export, if it has one. */
const toExport = (
  found: ReadonlyMap<string, unknown>,
  last: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...found].flatMap(([name, entry]) => {
      const value = isValidEntry(name, entry) ? entry : last?.[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

/** Milliseconds until the entry of a removed app expires. `undefined` for other entries. */
const toRemainingMs = (entry: object, nowMs: number): number | undefined =>
  "removedAt" in entry && typeof entry.removedAt === "string"
    ? Date.parse(entry.removedAt) + REMOVED_APP_DAYS * DAY_MS - nowMs
    : undefined;

/** Names in an error that lists them; the rest is counted. */
const MAX_NAMES = 10;

/**
 * Names of entries that the last export has and KV has lost. The entry of a removed app expires, and a revoked token is removed, so
 * tokens count only if KV has nothing of the last export.
 */
const findLost = (last: Backup, names: ReadonlySet<string>, nowMs: number): readonly string[] => {
  const isLost = ([name, entry]: readonly [string, object]): boolean =>
    !names.has(name) && (toRemainingMs(entry, nowMs) ?? Infinity) > 0;
  const all = Object.entries({ ...last.apps, ...last.readers });
  const lost = all.some(([name]) => names.has(name)) ? Object.entries(last.apps).filter(isLost) : all.filter(isLost);
  return lost.map(([name]) => name);
};

const toLostError = (path: string, lost: readonly string[]): StackError => {
  const more = lost.length > MAX_NAMES ? `\n  and ${lost.length - MAX_NAMES} more` : "";
  return new StackError(
    `KV lacks ${pluralize(lost.length, "entry", "entries")} that ${path} has. The file was not changed; ${path}.new has the entries of KV.\n` +
      `${lost
        .slice(0, MAX_NAMES)
        .map((name) => `  ${name}`)
        .join("\n")}${more}\n` +
      "If this is another KV, select the right one: --remote, or --kv FILE. If KV was emptied, restore it: " +
      `npm run app -- import ${path}\nTo replace the file: --force`,
  );
};

/**
 * Writes the file with mode 0600, and returns the number of entries. If KV has malformed entries, throws afterwards and names them.
 * Without `force`, it does not replace a file that has entries which KV has lost, or that is not an export.
 */
export const exportApps = async (
  kv: Kv,
  path: string,
  { force, nowMs }: { readonly force: boolean; readonly nowMs: number },
): Promise<number> => {
  const last = await findBackup(path).catch((error: unknown) => {
    if (force) return undefined;
    throw new StackError(`${formatError(error)}\nMove it away, or replace it: --force`);
  });
  const [apps, readers] = [await kv.list(APP_ENTRY_PREFIX), await kv.list(READER_ENTRY_PREFIX)];
  const backup = backupSchema.parse({
    version: 1,
    exportedAt: new Date(nowMs).toISOString(),
    apps: toExport(apps, last?.apps),
    readers: toExport(readers, last?.readers),
  });
  if (!force && apps.size + readers.size === 0 && last === undefined) {
    throw new StackError(
      "KV has no app and no reader token, so nothing was written. Select another KV with --remote or --kv FILE, or pass --force.",
    );
  }
  const lost = force || last === undefined ? [] : findLost(last, new Set([...apps.keys(), ...readers.keys()]), nowMs);
  await writePrivate(lost.length === 0 ? path : `${path}.new`, `${JSON.stringify(backup, null, 2)}\n`);
  if (lost.length > 0) throw toLostError(path, lost);
  const exported = { ...backup.apps, ...backup.readers };
  const count = Object.keys(exported).length;
  const malformed = [...apps, ...readers].filter(([name, entry]) => !isValidEntry(name, entry));
  if (malformed.length === 0) return count;
  const lines = malformed.map(
    ([name]) => `  ${name}${name in exported ? ": the file keeps the entry of the last export" : ""}`,
  );
  throw new StackError(
    `${count} entries written to ${path}. KV has malformed entries, which were not exported:\n${lines.join("\n")}\n` +
      "Import the file to replace those that it has, and remove the others: npm run app -- remove ID, npm run reader -- revoke ID",
  );
};

export interface ImportResult {
  /** Names of entries that KV did not have, or that were malformed. */
  readonly added: readonly string[];
  /** Names of entries that KV has with another value. They are replaced only with `force`. */
  readonly different: readonly string[];
  /** Number of entries that KV already has. */
  readonly unchanged: number;
}

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
