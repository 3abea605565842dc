/**
 * Refuses logs of erased users: a device that was offline may still have some.
 */
import { ERASED_ENTRY, erasedEntrySchema } from "#contract/store/erasure.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { AppStore } from "../access/apps.ts";
import { UNLIMITED, type OpenAdmission } from "../ingest/admission.ts";
import { logWarning } from "../logger.ts";
import { hashUser } from "./hash-user.ts";

/** The times of erasure in milliseconds since 1970, by the hash of the user. */
export type ErasedUsers = ReadonlyMap<string, number>;

const NONE: ReadonlyMap<string, ErasedUsers> = new Map();

const parse = (value: unknown): ReadonlyMap<string, ErasedUsers> => {
  if (value === null || value === undefined) return NONE;
  const entry = erasedEntrySchema.safeParse(value);
  if (!entry.success) {
    logWarning(
      "malformed entry in APPS: old logs of erased users are stored until it is written again, within an hour",
      {
        entry: ERASED_ENTRY,
      },
    );
    return NONE;
  }
  const byApp = Map.groupBy(entry.data.users, ({ app }) => app);
  return new Map(
    [...byApp].map(([app, users]) => [app, new Map(users.map(({ user, at }) => [user, Date.parse(at)]))] as const),
  );
};

/** Parsing takes longer than reading from the cache of the isolate, which returns the same object. */
const parsed = new WeakMap<object, ReadonlyMap<string, ErasedUsers>>();

/** The erased users of an app; `undefined` if there are none. */
export const findErasedUsers = async (store: AppStore, app: string): Promise<ErasedUsers | undefined> => {
  const value = await store.get(ERASED_ENTRY, { type: "json", cacheTtl: 30 });
  if (typeof value !== "object" || value === null) return undefined;
  const known = parsed.get(value) ?? parse(value);
  parsed.set(value, known);
  return known.get(app);
};

const ERASED: Violation = {
  reason: "erased",
  message: "The logs of this user were erased. Logs from before that are not stored.",
  field: "user.id",
};

/** Refuses the logs of erased users, and passes the others to the quotas of the app. */
export const withErasedUsers = (
  app: string,
  erased: ErasedUsers,
  openQuota: OpenAdmission | undefined,
): OpenAdmission => {
  const hashes = new Map<string, string>();
  const hash = (user: string): string => {
    const known = hashes.get(user) ?? hashUser(app, user);
    hashes.set(user, known);
    return known;
  };
  return () => {
    const quota = openQuota?.() ?? UNLIMITED;
    const refuseErased = (users: readonly string[], loggedMs = -Infinity): Violation | undefined =>
      users.some((user) => {
        const erasedMs = erased.get(hash(user));
        return erasedMs !== undefined && loggedMs <= erasedMs;
      })
        ? ERASED
        : undefined;
    return {
      admit: (event) => refuseErased(event.users, event.loggedMs) ?? quota.admit(event),
      refuseErased,
      release: quota.release,
    };
  };
};
