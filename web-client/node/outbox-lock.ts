/**
 * The lock of an outbox: a file that names the thread that uses it. Node.js has no lock that the system releases with the thread, so
 * a lock whose thread has ended is free. Where this cannot be checked (on another host, in another container that shares the folder, on a
 * system without /proc), the age of the lock decides; its owner renews it.
 */
import {
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { requireRegular } from "./regular-file.ts";

const RENEW_MS = 5_000;
/** A lock that was not renewed for this time is free, unless its thread is known to run. */
const MAX_AGE_MS = 30_000;

interface LockRecord {
  readonly pid: number;
  /** The system's id of a worker thread. Absent for the main thread, and on systems without /proc. */
  readonly thread?: string;
  readonly host: string;
  /** The system's namespace of process ids, which each container has. Absent on systems without /proc. */
  readonly namespace?: string;
  /** Start of the thread, because systems use ids again. */
  readonly start: string;
  readonly token: string;
}

/** The current thread: a worker thread can end long before its process. */
const currentThread = (): Pick<LockRecord, "thread"> => {
  try {
    return isMainThread ? {} : { thread: basename(readlinkSync("/proc/thread-self")) };
  } catch {
    return {};
  }
};

/** An id is of another process in another namespace, also if both containers have the same host name. */
const currentNamespace = (): Pick<LockRecord, "namespace"> => {
  try {
    return { namespace: readlinkSync("/proc/self/ns/pid") };
  } catch {
    return {};
  }
};

/** Start time of a thread in clock ticks. Empty if it does not run, and on systems without /proc. */
const startOf = ({ pid, thread = String(pid) }: Pick<LockRecord, "pid" | "thread">): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
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
    requireRegular(path);
    return JSON.parse(readFileSync(path, "utf8")) as LockRecord;
  } catch {
    return undefined;
  }
};

const isOld = (path: string): boolean => {
  try {
    return Date.now() - statSync(path).mtimeMs > MAX_AGE_MS;
  } catch {
    return false; // it does not exist
  }
};

/** Whether there is a lock whose owner has ended. */
const isFree = (path: string): boolean => {
  const lock = read(path);
  // Without a record: its owner was killed before it had written the record, or is about to write it.
  if (lock?.host !== hostname() || lock.namespace !== currentNamespace().namespace) return isOld(path);
  if (!isRunning(lock.pid)) return true;
  return lock.start === "" ? isOld(path) : startOf(lock) !== lock.start;
};

/** Deletes a lock whose owner has ended. One thread at a time does this, so that none deletes a lock that another has just taken. */
const removeFree = (path: string): void => {
  const claim = `${path}.free`;
  requireRegular(claim);
  try {
    writeFileSync(claim, "", { flag: "wx" });
  } catch {
    // Its owner was killed here.
    if (isOld(claim)) rmSync(claim, { force: true });
    return;
  }
  try {
    if (isFree(path)) rmSync(path, { force: true });
  } finally {
    rmSync(claim, { force: true });
  }
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
  | {
      readonly state: "locked";
      /** Whether no other thread has taken the lock over. If one has, `onLost` was called. */
      readonly isHeld: () => boolean;
      readonly release: () => void;
    }
  | { readonly state: "taken"; readonly owner: string };

const nameOf = (lock: LockRecord | undefined): string => {
  if (lock === undefined) return "another process";
  return `${lock.thread === undefined ? "" : "a worker thread of "}process ${lock.pid} on ${lock.host}`;
};

/**
 * Takes the lock at `path`. Throws if the file cannot be written, or if something else than a file is there. `onLost` is called with the new owner if another thread has taken it
 * over, for example because the process was stopped for longer than {@link MAX_AGE_MS}.
 */
export const takeLock = (path: string, onLost: (owner: string) => void = () => {}): LockResult => {
  const token = randomUUID();
  const owner = { pid: process.pid, ...currentThread() };
  const record: LockRecord = { ...owner, ...currentNamespace(), host: hostname(), start: startOf(owner), token };
  requireRegular(path);
  if (isFree(path)) removeFree(path);
  try {
    writeNew(path, JSON.stringify(record));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { state: "taken", owner: nameOf(read(path)) };
  }
  let isLost = false;
  const isHeld = (): boolean => {
    const current = read(path);
    if (isLost || current === undefined || current.token === token) return !isLost;
    isLost = true;
    clearInterval(renewal);
    onLost(nameOf(current));
    return false;
  };
  const renewal = setInterval(() => {
    if (!isHeld()) return;
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
  return { state: "locked", isHeld, release };
};
