/**
 * The destination of log lines, for the relay and the server on one host. A line that cannot be written, for example because the disk is
 * full, is dropped and counted. pino's own destination would throw, or repeat the write until there is space, and nothing else would run
 * in the meantime.
 */

/** A pipe or a terminal can be full for a moment. */
const MAX_WAITS = 20;
const WAIT_MS = 5;

export interface LogOutput {
  write(line: string): void;
}

const wait = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);

/**
 * @param write Writes the bytes from `start` on, and returns the number of those that it has written.
 * @param onDropped Called after the first line that is written again, with the number of dropped lines. It may log.
 */
export const createLogOutput = (
  write: (bytes: Uint8Array, start: number) => number,
  onDropped: (lines: number) => void,
): LogOutput => {
  const encoder = new TextEncoder();
  let dropped = 0;
  /** Whether the file ends with a part of a line. */
  let isCut = false;

  /** Throws if it cannot write all of the bytes. */
  const writeAll = (bytes: Uint8Array): void => {
    let waits = 0;
    for (let start = 0; start < bytes.length;) {
      try {
        start += write(bytes, start);
        isCut = start < bytes.length;
      } catch (error) {
        waits += 1;
        // A reader that has stopped delays one line, and not each later one.
        const mayWait = dropped === 0 && waits <= MAX_WAITS;
        if ((error as { readonly code?: unknown }).code !== "EAGAIN" || !mayWait) throw error;
        wait();
      }
    }
  };

  return {
    write(line) {
      try {
        writeAll(encoder.encode(isCut ? `\n${line}` : line));
      } catch {
        dropped += 1;
        return;
      }
      if (dropped === 0) return;
      const lines = dropped;
      dropped = 0;
      onDropped(lines);
      // The report could not be written.
      if (dropped > 0) dropped = lines;
    },
  };
};
