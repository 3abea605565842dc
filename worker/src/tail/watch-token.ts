/**
 * Ends a tail with its token: at the token's end to the millisecond, and soon after it is revoked.
 */
import type { ReaderRecord } from "../access/apps.ts";
import { logWarning } from "../logger.ts";

/** How often the token is looked at again; KV's own cache holds for as long. */
const RECHECK_MS = 60_000;

/** The longest that a timer can wait. */
const MAX_TIMER_MS = 0x7f_ff_ff_ff;

export interface WatchTokenOptions {
  readonly reader: ReaderRecord;
  /** What the token may read now. */
  readonly findReader: () => Promise<ReaderRecord | undefined>;
  readonly onEnd: (reason: "token_expired" | "token_revoked") => void;
}

/** Returns what ends the watch. */
export const watchToken = ({ reader, findReader, onEnd }: WatchTokenOptions): (() => void) => {
  const { apps, expiresAt } = reader;
  let expiry: ReturnType<typeof setTimeout> | undefined;
  const wait = (endMs: number): void => {
    const leftMs = endMs - Date.now();
    const next = (): void => (leftMs > MAX_TIMER_MS ? wait(endMs) : onEnd("token_expired"));
    expiry = setTimeout(next, Math.min(leftMs, MAX_TIMER_MS));
  };
  if (expiresAt !== undefined) wait(Date.parse(expiresAt));
  const recheck = setInterval(() => {
    findReader().then(
      (now) => {
        if (now === undefined || !apps.every((app) => now.apps.includes(app))) onEnd("token_revoked");
      },
      // Not to be known is no revocation; the expiry holds in any case.
      () => logWarning("the token of a tail could not be looked up again"),
    );
  }, RECHECK_MS);
  return () => {
    clearTimeout(expiry);
    clearInterval(recheck);
  };
};
