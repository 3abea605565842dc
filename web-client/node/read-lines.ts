/**
 * Reads a text file line by line, because a file can be longer than a string.
 */
import { closeSync, openSync, readSync } from "node:fs";

const PIECE_BYTES = 1_048_576;
const LINE_FEED = 10;

const openFile = (path: string): number | undefined => {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};

/** The complete lines of a file, none if it does not exist. An incomplete last line was written by a process that was killed. */
export function* readLines(path: string): Generator<string> {
  const file = openFile(path);
  if (file === undefined) return;
  try {
    const buffer = Buffer.alloc(PIECE_BYTES);
    /** The start of a line whose end was not read yet. */
    let parts: Buffer[] = [];
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const piece = buffer.subarray(0, length);
      let start = 0;
      for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
        yield Buffer.concat([...parts, piece.subarray(start, end)]).toString("utf8");
        parts = [];
        start = end + 1;
      }
      if (start < length) parts.push(Buffer.from(piece.subarray(start)));
    }
  } finally {
    closeSync(file);
  }
}
