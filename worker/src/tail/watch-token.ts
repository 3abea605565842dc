/**
 * Closes a tail when its token expires, to the millisecond, or soon after the token is revoked.
 */
import type { ReaderRecord } from "../access/apps.ts";
import { logWarning } from "../logger.ts";

/** How often the token is looked up again. KV caches entries for the same time. */
const RECHECK_MS = 60_000;

/** Maximum delay of a timer. */
const MAX_TIMER_MS = 0x7f_ff_ff_ff;

export interface WatchTokenOptions {
  readonly reader: ReaderRecord;
  /** Looks up the token's current record. */
  readonly findReader: () => Promise<ReaderRecord | undefined>;
  /** Called when the token expires, is revoked, or loses access to one of its apps. */
  readonly onInvalid: (reason: "token_expired" | "token_revoked") => void;
}

/** Returns a function that stops watching. */
export const watchToken = ({ reader, findReader, onInvalid }: WatchTokenOptions): (() => void) => {
  const { apps, expiresAt } = reader;
  let expiry: ReturnType<typeof setTimeout> | undefined;
  const scheduleExpiry = (expiryMs: number): void => {
    const remainingMs = expiryMs - Date.now();
    const onTimer = (): void => (remainingMs > MAX_TIMER_MS ? scheduleExpiry(expiryMs) : onInvalid("token_expired"));
    expiry = setTimeout(onTimer, Math.min(remainingMs, MAX_TIMER_MS));
  };
  if (expiresAt !== undefined) scheduleExpiry(Date.parse(expiresAt));
  const recheck = setInterval(() => {
    findReader().then(
      (current) => {
        if (current === undefined || !apps.every((app) => current.apps.includes(app))) onInvalid("token_revoked");
      },
      // A failed lookup does not revoke the token; its expiry still applies.
      () => logWarning("looking up the token of a live tail failed"),
    );
  }, RECHECK_MS);
  return () => {
    clearTimeout(expiry);
    clearInterval(recheck);
  };
};
