/** A clock that is obviously wrong, such as that of a machine without a battery before its first synchronization. */
import { statSync } from "node:fs";
import { DAY_MS } from "#contract/wire/durations.ts";

/** The file may come from a machine whose clock is not quite right, or with a time without a zone. */
const TOLERANCE_MS = DAY_MS;

/**
 * Throws if the clock is before the time at which the program was installed: retention would later delete logs that arrive now.
 *
 * @param program Path of a file of the program.
 */
export const assertClock = (program: string, nowMs: number = Date.now()): void => {
  const { mtime } = statSync(program);
  if (nowMs >= mtime.getTime() - TOLERANCE_MS) return;
  throw new Error(
    `The clock of this machine is wrong: it is ${new Date(nowMs).toISOString()}, and this program was installed ${mtime.toISOString()}. Synchronize it`,
  );
};
