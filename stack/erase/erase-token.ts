/** A reader token with the right to erase, for the time of one command. */
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { readerEntry } from "#contract/store/app-record.ts";
import type { Kv } from "../apps/kv.ts";
import { sha256 } from "../apps/records.ts";
import { createSecret } from "../lib/secrets.ts";

/** If the process is killed, the token is valid for at most this time. */
const LIFE_MS = 5 * MINUTE_MS;

/** More than the minute for which the Worker may use an older entry. */
const MIN_LIFE_MS = 2.5 * MINUTE_MS;

export interface EraseToken {
  readonly token: string;
  /** Creates the entry of the token, or extends its life if little of it is left. Does nothing after {@link revoke}. */
  ensure(): Promise<void>;
  /** Removes the entry. Safe at any time, also while {@link ensure} writes it. */
  revoke(): Promise<void>;
}

/**
 * @param openKv Opens the namespace again for the revocation: Ctrl-C in a terminal also ends the child process through which the first
 *   one works.
 */
export const createEraseToken = (
  kv: Pick<Kv, "put" | "remove">,
  apps: readonly string[],
  openKv: () => Promise<Kv>,
  now: () => number = Date.now,
): EraseToken => {
  const token = createSecret("elr_");
  const name = readerEntry(sha256(token));
  let expiresMs = 0;
  let isRevoked = false;
  let write: Promise<void> = Promise.resolve();

  const put = async (): Promise<void> => {
    expiresMs = now() + LIFE_MS;
    const record = { apps, expiresAt: new Date(expiresMs).toISOString(), note: "npm run erase", canErase: true };
    await kv.put({ [name]: record }, { expireAfterMs: LIFE_MS });
  };

  return {
    token,
    async ensure() {
      if (isRevoked || expiresMs - now() > MIN_LIFE_MS) return;
      write = put();
      await write;
    },
    async revoke() {
      if (isRevoked) return;
      isRevoked = true;
      if (expiresMs === 0) return;
      // An entry that is written after its removal would stay.
      await write.catch(() => undefined);
      try {
        await kv.remove(name);
      } catch {
        await using again = await openKv();
        await again.remove(name);
      }
    },
  };
};
