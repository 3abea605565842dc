/**
 * A lock between processes for changes of a file. SQLite locks `{path}.lock`, and the system releases the lock of a process that was
 * killed, so there is no stale lock.
 */
import { chownSync, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pluralize } from "#contract/wire/quantity.ts";
import { StackError } from "./stack-error.ts";

const DEADLINE_MS = 60_000;
const POLL_MS = 50;

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;

/** A new file gets the owner of its folder, who runs commands, too. */
const open = (path: string): DatabaseSync => {
  const isNew = !existsSync(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  if (isNew && process.getuid?.() === 0) {
    const { uid, gid } = statSync(dirname(path));
    chownSync(path, uid, gid);
  }
  return database;
};

const lock = async (path: string, deadlineMs: number): Promise<DatabaseSync> => {
  const deadline = performance.now() + deadlineMs;
  let database: DatabaseSync | undefined;
  for (;;) {
    try {
      database ??= open(path);
      database.exec("BEGIN EXCLUSIVE");
      return database;
    } catch (error) {
      if (isBusy(error) && performance.now() < deadline) {
        await sleep(POLL_MS);
        continue;
      }
      database?.close();
      throw new StackError(
        isBusy(error)
          ? `Another command has held ${path} for ${pluralize(deadlineMs / 1_000, "second")}.`
          : `Cannot lock ${path}: ${String(error)}`,
      );
    }
  }
};

/**
 * Runs `work` while nothing else does the same for this path, in this process or another one. Throws a {@link StackError} if its
 * folder does not exist, or if the lock is not free within `deadlineMs` (default: a minute).
 */
export const withFileLock = async <T>(
  path: string,
  work: () => Promise<T>,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> => {
  const database = await lock(`${path}.lock`, deadlineMs);
  try {
    return await work();
  } finally {
    database.close();
  }
};
