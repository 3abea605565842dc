/**
 * A KV namespace in one SQLite file, for a Worker without Cloudflare. Several processes may use the file at the same time:
 * the server reads it, and `npm run app` and `npm run reader` write it.
 *
 * A write is on the disk before its promise resolves, even if the process or the machine stops immediately afterwards.
 */
import { closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "../src/message-of.ts";

/** How long a write waits for that of another process. */
const BUSY_TIMEOUT_MS = 5_000;

const SCHEMA_VERSION = 1;

/** Of a new file: only its owner can read it, also in a directory that others can read. */
const FILE_MODE = 0o600;

const NO_SPACE =
  "The disk is full, or the file cannot be written: free space, and check the permissions of its directory.";
const BUSY = "Another process writes it: try again.";
const NOT_READABLE = "Restore it from a backup.";

/** Remedies for errors of SQLite, by their primary result codes. */
const REMEDIES: ReadonlyMap<number, string> = new Map([
  // SQLITE_READONLY, IOERR, FULL and CANTOPEN
  ...[8, 10, 13, 14].map((code) => [code, NO_SPACE] as const),
  // SQLITE_BUSY and LOCKED
  ...[5, 6].map((code) => [code, BUSY] as const),
  // SQLITE_CORRUPT and NOTADB
  ...[11, 26].map((code) => [code, NOT_READABLE] as const),
]);

/** The file cannot be used, for example because the disk is full. The operator can fix it. */
export class KvFileError extends Error {
  override readonly name = "KvFileError";
}

/** Runs a statement; its error names the file and the remedy. */
const withPath = <T>(path: string, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    const remedy =
      error instanceof Error && "errcode" in error ? REMEDIES.get(Number(error.errcode) & 0xff) : undefined;
    if (!(error instanceof Error) || remedy === undefined) throw error;
    throw new KvFileError(`${path}: ${error.message}. ${remedy}`, { cause: error });
  }
};

/** Whether the path still names the file that was opened. */
export type KvFileState = "current" | "removed" | "replaced";

export interface PutOptions {
  /** The entry expires after this number of seconds. Default: it does not expire. */
  readonly expirationTtl?: number;
}

/** The part of the KV API of Workers that edgelog uses. Values are JSON texts. */
export interface KvFile extends Disposable {
  /** The parsed value; `null` if there is no such entry. */
  get(name: string): Promise<unknown>;
  put(name: string, value: string, options?: PutOptions): Promise<void>;
  delete(name: string): Promise<void>;
  /** Names in order. All of them without `limit`. */
  list(options: { readonly prefix: string; readonly limit?: number }): Promise<{
    readonly keys: readonly { readonly name: string }[];
    readonly list_complete: true;
  }>;
  /** In the other two states `get` continues with the file that was opened, and `put`, `delete` and `list` reject. */
  state(): KvFileState;
}

/** Identifies a file while it is open. `undefined` if there is none. */
const identify = (path: string): string | undefined => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
};

/** Creates the file if it does not exist. */
const createFile = (path: string): void => {
  try {
    closeSync(openSync(path, "a", FILE_MODE));
  } catch (error) {
    // The message of Node.js has the path.
    throw new KvFileError(`${messageOf(error)}. ${NO_SPACE}`, { cause: error });
  }
};

const open = (path: string): DatabaseSync => {
  // SQLite gives the other two files the same mode. Entries have hashes of keys and tokens, and URLs.
  createFile(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // In this mode readers do not wait for a writer.
  database.exec("PRAGMA journal_mode = WAL");
  // Without FULL, a power failure can undo the last writes.
  database.exec("PRAGMA synchronous = FULL");
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  if (version !== 0 && version !== SCHEMA_VERSION) {
    throw new KvFileError(`${path} was written by a newer version of edgelog (format ${String(version)}).`);
  }
  const { quick_check: integrity } = database.prepare("PRAGMA quick_check(1)").get() ?? {};
  if (integrity !== "ok") throw new KvFileError(`${path} is damaged: ${String(integrity)}. ${NOT_READABLE}`);
  // A write needs space on the disk, and reads must be possible without.
  if (version === SCHEMA_VERSION) return database;
  database.exec(
    "CREATE TABLE IF NOT EXISTS entries (name TEXT PRIMARY KEY, value TEXT NOT NULL, expires_ms INTEGER) WITHOUT ROWID",
  );
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  return database;
};

/**
 * Opens the file, and creates it if it does not exist. Throws if it is damaged or not a database.
 *
 * @param path The files `{path}-wal` and `{path}-shm` belong to it.
 * @param now Milliseconds since 1970.
 */
export const openKvFile = (path: string, now: () => number = Date.now): KvFile => {
  const database = withPath(path, () => open(path));
  const opened = identify(path);
  const getState = (): KvFileState => {
    let found: string | undefined;
    try {
      found = identify(path);
    } catch {
      // The directory cannot be searched. The file that was opened can still be used.
      return "current";
    }
    return found === opened ? "current" : found === undefined ? "removed" : "replaced";
  };
  /** Other processes use the file at the path, and would not see what is written to the one that was opened. */
  const assertCurrent = (): void => {
    const state = getState();
    if (state !== "current") throw new KvFileError(`${path} was ${state} while it was open.`);
  };
  const select = database.prepare(
    "SELECT value FROM entries WHERE name = ? AND (expires_ms IS NULL OR expires_ms > ?)",
  );
  const selectNames = database.prepare(
    "SELECT name FROM entries WHERE substr(name, 1, length(?1)) = ?1 AND (expires_ms IS NULL OR expires_ms > ?2) ORDER BY name LIMIT ?3",
  );
  const upsert = database.prepare("INSERT OR REPLACE INTO entries (name, value, expires_ms) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM entries WHERE name = ?");
  const removeExpired = database.prepare("DELETE FROM entries WHERE expires_ms <= ?");
  return {
    async get(name) {
      const row = withPath(path, () => select.get(name, now()));
      return row === undefined ? null : (JSON.parse(String(row["value"])) as unknown);
    },
    async put(name, value, { expirationTtl } = {}) {
      assertCurrent();
      withPath(path, () => {
        upsert.run(name, value, expirationTtl === undefined ? null : now() + expirationTtl * 1_000);
        removeExpired.run(now());
      });
    },
    async delete(name) {
      assertCurrent();
      withPath(path, () => remove.run(name));
    },
    async list({ prefix, limit = -1 }) {
      assertCurrent();
      const rows = withPath(path, () => selectNames.all(prefix, now(), limit));
      return { keys: rows.map((row) => ({ name: String(row["name"]) })), list_complete: true };
    },
    state: getState,
    [Symbol.dispose]: () => database.close(),
  };
};
