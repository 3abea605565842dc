/**
 * The file of an outbox: a list of changes, one a line. `{key}\t{record}` sets a record and `{key}` deletes it. All writes are
 * synchronous calls of the system, so that the file has everything that was written when the process is killed. It is not flushed to
 * the disk: a power failure can lose the last seconds.
 */
import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { takeLock } from "./outbox-lock.ts";

/** The file is rewritten when it is longer than this and more than half of it is obsolete. */
const MIN_REWRITE_BYTES = 1_048_576;

/** A change: the text of a record, or `undefined` to delete it. */
export type Change = readonly [key: string, text: string | undefined];

export interface OutboxFile {
  /** Whether the file is open, and this thread owns it. */
  readonly isOpen: boolean;
  /** Whether `close` was called. It cannot be opened again. */
  readonly isClosed: boolean;
  /** Opens the file; returns the owner if another process or thread has it. Throws if the file cannot be read or written. */
  open(): string | undefined;
  /** All records, oldest first. */
  readonly records: ReadonlyMap<string, string>;
  /** Writes changes. Throws if not all of them are written; the file is then unchanged, or has some of them if it cannot be shortened. */
  write(changes: readonly Change[]): void;
  /** Deletes all records. */
  clear(): void;
  /** Closes the file and releases the lock. */
  close(): void;
}

const lineOf = ([key, text]: Change): string => (text === undefined ? `${key}\n` : `${key}\t${text}\n`);

/** Records of a file's text. An incomplete last line was written by a process that was killed. */
const parse = (content: string): Map<string, string> => {
  const records = new Map<string, string>();
  for (const line of content.slice(0, content.lastIndexOf("\n") + 1).split("\n")) {
    const tab = line.indexOf("\t");
    if (tab < 0) records.delete(line);
    else records.set(line.slice(0, tab), line.slice(tab + 1));
  }
  return records;
};

/** Opens nothing yet. The lock is the file `{path}.lock`. */
export const createOutboxFile = (path: string): OutboxFile => {
  let descriptor: number | undefined;
  let release = (): void => {};
  let records = new Map<string, string>();
  let isClosed = false;
  let fileBytes = 0;
  let recordBytes = 0;
  /** Whether a write failed and left a part of its text, so that the last line may be incomplete. */
  let hasFailed = false;

  /** Replaces the file in one step, so that it is complete at any time. */
  const rewrite = (): void => {
    const content = [...records].map(lineOf).join("");
    writeFileSync(`${path}.new`, content, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = openSync(path, "a", 0o600);
    fileBytes = Buffer.byteLength(content);
    recordBytes = fileBytes;
    hasFailed = false;
  };

  const readFile = (): string => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
  };

  /** Removes the part of a text that was written before the disk was full. Returns whether that was possible. */
  const removeRest = (file: number): boolean => {
    try {
      ftruncateSync(file, fileBytes);
      return true;
    } catch {
      return false;
    }
  };

  const apply = (change: Change): void => {
    const [key, text] = change;
    const previous = records.get(key);
    if (previous !== undefined) recordBytes -= Buffer.byteLength(lineOf([key, previous]));
    if (text === undefined) records.delete(key);
    else {
      records.set(key, text);
      recordBytes += Buffer.byteLength(lineOf(change));
    }
  };

  return {
    get isOpen() {
      return descriptor !== undefined;
    },
    get isClosed() {
      return isClosed;
    },
    get records() {
      return records;
    },
    open() {
      const lock = takeLock(`${path}.lock`);
      if (lock.state === "taken") return lock.owner;
      try {
        records = parse(readFile());
        rewrite();
      } catch (error) {
        lock.release();
        throw error;
      }
      release = lock.release;
      return undefined;
    },
    write(changes) {
      if (descriptor === undefined) return;
      const text = (hasFailed ? "\n" : "") + changes.map(lineOf).join("");
      try {
        appendFileSync(descriptor, text);
      } catch (error) {
        hasFailed = !removeRest(descriptor);
        throw error;
      }
      hasFailed = false;
      fileBytes += Buffer.byteLength(text);
      for (const change of changes) apply(change);
      if (fileBytes < MIN_REWRITE_BYTES || fileBytes < 2 * recordBytes) return;
      if (records.size > 0) rewrite();
      else {
        ftruncateSync(descriptor, 0);
        fileBytes = 0;
      }
    },
    clear() {
      records.clear();
      recordBytes = fileBytes = 0;
      if (descriptor !== undefined) ftruncateSync(descriptor, 0);
    },
    close() {
      isClosed = true;
      if (descriptor === undefined) return;
      closeSync(descriptor);
      descriptor = undefined;
      release();
    },
  };
};
