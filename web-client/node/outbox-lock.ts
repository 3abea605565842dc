/**
 * The lock of an outbox: a file that names the process that uses it. Node.js has no lock that the system releases with the process, so
 * a lock is free if its process does not run any more. Processes on other hosts or in other containers, which share only the
 * folder, are recognised by the time of the lock, which its owner renews.
 */
import { closeSync, openSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";

const RENEW_MS = 5_000;
/** A lock of another host that was not renewed for this time is free. */
const MAX_AGE_MS = 30_000;

interface LockRecord {
  readonly pid: number;
  readonly host: string;
  /** Start of the process, because systems use process ids again. */
  readonly start: string;
  readonly token: string;
}

/** Start time of a process in clock ticks. Empty on systems without /proc. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may contain spaces. The start time is field 22.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

const read = (path: string): LockRecord | undefined => {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as LockRecord;
  } catch {
    return undefined;
  }
};

const isOld = (path: string): boolean => {
  try {
    return Date.now() - statSync(path).mtimeMs > MAX_AGE_MS;
  } catch {
    return true; // there is no lock
  }
};

const isFree = (path: string, lock: LockRecord | undefined): boolean => {
  // Without a record: its owner was killed before it had written the record, or is about to write it.
  if (lock?.host !== hostname()) return isOld(path);
  if (!isRunning(lock.pid)) return true;
  return lock.start === "" ? isOld(path) : startOf(lock.pid) !== lock.start;
};

/** Writes a file that does not exist yet. Without space on the disk it leaves no empty file, which would be a lock without an owner. */
const writeNew = (path: string, text: string): void => {
  const file = openSync(path, "wx");
  try {
    writeFileSync(file, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
};

export type LockResult =
  | { readonly state: "locked"; readonly release: () => void }
  | { readonly state: "taken"; readonly owner: string };

/** Takes the lock at `path`. Throws if the file cannot be written. */
export const takeLock = (path: string): LockResult => {
  const token = randomUUID();
  const record: LockRecord = { pid: process.pid, host: hostname(), start: startOf(process.pid), token };
  const current = read(path);
  if (isFree(path, current) && read(path)?.token === current?.token) {
    try {
      unlinkSync(path);
    } catch {
      // there is no lock
    }
  }
  try {
    writeNew(path, JSON.stringify(record));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const { pid, host } = read(path) ?? {};
    return { state: "taken", owner: pid === undefined ? "another process" : `process ${pid} on ${host}` };
  }
  const renewal = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // the folder was deleted
    }
  }, RENEW_MS);
  renewal.unref();
  const release = (): void => {
    clearInterval(renewal);
    if (read(path)?.token === token) unlinkSync(path);
  };
  return { state: "locked", release };
};
