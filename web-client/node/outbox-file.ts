/**
 * The file of an outbox: a list of changes, one a line. `{key}\t{record}` sets a record and `{key}` deletes it. All writes are
 * synchronous calls of the system, so that the file has everything that was written when the process is killed. It is not flushed to
 * the disk: a power failure can lose the last seconds.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readLines } from "./read-lines.ts";
import { takeLock } from "./outbox-lock.ts";
import { followLinks, requireRegular } from "./regular-file.ts";

/** The file is rewritten when it is longer than this, and than the records by this factor. */
const MIN_REWRITE_BYTES = 1_048_576;
/** A record has up to a third more than its events without an outcome (MIN_SETTLED), so the file is less than twice as long as these. */
const MAX_LENGTH_FACTOR = 1.4;
/** A text is written in pieces of about this length, because the length of a string is limited. */
const PIECE_LENGTH = 1_048_576;

/** A change: the text of a record, or `undefined` to delete it. */
export type Change = readonly [key: string, text: string | undefined];

export interface OutboxFile {
  /** Whether the file is open, and this thread owns it. */
  readonly isOpen: boolean;
  /** Whether `close` was called. It cannot be opened again. */
  readonly isClosed: boolean;
  /** Opens the file; returns the owner if another process or thread has it. Throws if the file cannot be read or written. */
  open(): string | undefined;
  /** Called with the new owner when another process has taken the file over. It is not open any more, and can be opened again. */
  onLost?: (owner: string) => void;
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

/** Appends the lines of changes to an open file; returns their length in bytes. */
const writeLines = (file: number, changes: Iterable<Change>, start = ""): number => {
  let bytes = 0;
  let piece = start;
  const writePiece = (): void => {
    writeFileSync(file, piece);
    bytes += Buffer.byteLength(piece);
    piece = "";
  };
  for (const change of changes) {
    piece += lineOf(change);
    if (piece.length >= PIECE_LENGTH) writePiece();
  }
  writePiece();
  return bytes;
};

/** Records of a file, and the length of its complete lines. */
const readRecords = (path: string): { readonly records: Map<string, string>; readonly bytes: number } => {
  const records = new Map<string, string>();
  let bytes = 0;
  for (const line of readLines(path)) {
    bytes += Buffer.byteLength(line) + 1;
    const tab = line.indexOf("\t");
    if (tab < 0) records.delete(line);
    else records.set(line.slice(0, tab), line.slice(tab + 1));
  }
  return { records, bytes };
};

/** Creates a file, or replaces the one of a killed process. Throws if something else than a regular file is there. */
const createFile = (path: string): number => {
  requireRegular(path);
  rmSync(path, { force: true });
  return openSync(path, "wx", 0o600);
};

/** Opens nothing yet. The lock is the file `{path}.lock`. `outbox` can be a symbolic link. */
export const createOutboxFile = (outbox: string): OutboxFile => {
  /** Path of the file to which symbolic links lead, so that it is replaced and not the link. */
  let path = outbox;
  let descriptor: number | undefined;
  let release = (): void => {};
  let isHeld = (): boolean => true;
  let records = new Map<string, string>();
  let isClosed = false;
  let fileBytes = 0;
  let recordBytes = 0;
  /** Whether a write failed and left a part of its text, so that the last line may be incomplete. */
  let hasFailed = false;
  /** After a rewrite that has failed, the length at which the next one is due. */
  let nextRewriteBytes = 0;

  /** Writes the records to the new file; returns their length. If it fails, the part that was written does not use the last space. */
  const writeNew = (): number => {
    const written = createFile(`${path}.new`);
    try {
      return writeLines(written, records);
    } catch (error) {
      rmSync(`${path}.new`, { force: true });
      throw error;
    } finally {
      closeSync(written);
    }
  };

  /** Replaces the file in one step, so that it is complete at any time. */
  const rewrite = (): void => {
    recordBytes = writeNew();
    try {
      requireRegular(path);
      renameSync(`${path}.new`, path);
    } catch (error) {
      rmSync(`${path}.new`, { force: true });
      throw error;
    }
    nextRewriteBytes = 0;
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = openSync(path, "a", 0o600);
    fileBytes = recordBytes;
    hasFailed = false;
  };

  /** Uses the file as it is, without an incomplete last line. Its records can be read although the disk is full. */
  const useExisting = (completeBytes: number): void => {
    const existing = openSync(path, "a", 0o600);
    try {
      fileBytes = Math.min(completeBytes, fstatSync(existing).size);
      ftruncateSync(existing, fileBytes);
    } catch (error) {
      closeSync(existing);
      throw error;
    }
    descriptor = existing;
    recordBytes = 0;
    for (const record of records) recordBytes += Buffer.byteLength(lineOf(record));
    nextRewriteBytes = fileBytes + MIN_REWRITE_BYTES;
    hasFailed = false;
  };

  /** Removes the part of a text that was written before the disk was full. Returns whether that was possible. */
  const removeRest = (open: number): boolean => {
    try {
      ftruncateSync(open, fileBytes);
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

  const file: OutboxFile = {
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
      path = followLinks(outbox);
      const lock = takeLock(`${path}.lock`, (owner) => {
        if (descriptor !== undefined) closeSync(descriptor);
        descriptor = undefined;
        file.onLost?.(owner);
      });
      if (lock.state === "taken") return lock.owner;
      try {
        const found = readRecords(path);
        records = found.records;
        try {
          rewrite();
        } catch (error) {
          if (records.size === 0) throw error;
          useExisting(found.bytes);
        }
      } catch (error) {
        lock.release();
        throw error;
      }
      ({ release, isHeld } = lock);
      return undefined;
    },
    write(changes) {
      if (descriptor === undefined) return;
      try {
        fileBytes += writeLines(descriptor, changes, hasFailed ? "\n" : "");
      } catch (error) {
        hasFailed = !removeRest(descriptor);
        throw error;
      }
      hasFailed = false;
      for (const change of changes) apply(change);
      if (fileBytes < MIN_REWRITE_BYTES || fileBytes < MAX_LENGTH_FACTOR * recordBytes) return;
      // The new file would replace that of another owner.
      if (!isHeld()) return;
      if (records.size === 0) {
        ftruncateSync(descriptor, 0);
        fileBytes = nextRewriteBytes = 0;
        return;
      }
      if (fileBytes < nextRewriteBytes) return;
      try {
        rewrite();
      } catch {
        // The changes are in the file, which is longer than necessary.
        nextRewriteBytes = fileBytes + MIN_REWRITE_BYTES;
      }
    },
    clear() {
      records.clear();
      recordBytes = fileBytes = nextRewriteBytes = 0;
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
  return file;
};
