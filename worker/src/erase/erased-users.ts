/**
 * Refuses logs of erased users: a device that was offline may still have some.
 */
import { ERASED_ENTRY, erasedEntrySchema } from "#contract/store/erasure.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { AppStore } from "../access/apps.ts";
import { UNLIMITED, type OpenAdmission } from "../ingest/admission.ts";
import { logWarning } from "../logger.ts";
import { hashUser, hashUserOfApp } from "./hash-user.ts";

/** Returns when a user was erased, in milliseconds since 1970; `undefined` if the user was not erased. */
export type ErasedUsers = (user: string) => number | undefined;

/** Returns the erased users of an app; `undefined` if there are none. */
type ErasedByApp = (app: string) => ErasedUsers | undefined;

const NONE: ErasedByApp = () => undefined;

interface Erasure {
  readonly apps: ReadonlySet<string>;
  readonly atMs: number;
}

/** The entry is not expanded to one item for each app: with 100 apps it would take 100 times the memory. */
const parse = (value: unknown): ErasedByApp => {
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
  const { users, appLists, erasures } = entry.data;
  const pairs = new Map(users.map(({ user, at }) => [user, Date.parse(at)]));
  const appSets = appLists.map((apps) => new Set(apps));
  const byUser = new Map<string, Erasure[]>();
  for (const { user, apps: list, at } of erasures) {
    const apps = appSets[list];
    if (apps !== undefined) byUser.set(user, [...(byUser.get(user) ?? []), { apps, atMs: Date.parse(at) }]);
  }
  const apps = new Set([...users.map(({ app }) => app), ...appLists.flat()]);
  const toErased =
    (app: string): ErasedUsers =>
    (user) => {
      const times = (byUser.get(hashUser(user)) ?? []).flatMap((each) => (each.apps.has(app) ? [each.atMs] : []));
      const pairMs = pairs.size === 0 ? undefined : pairs.get(hashUserOfApp(app, user));
      const all = pairMs === undefined ? times : [...times, pairMs];
      return all.length === 0 ? undefined : Math.max(...all);
    };
  return (app) => (apps.has(app) ? toErased(app) : undefined);
};

/** Parsing takes longer than reading from the cache of the isolate, which returns the same object. */
const parsed = new WeakMap<object, ErasedByApp>();

/** The erased users of an app; `undefined` if there are none. */
export const findErasedUsers = async (store: AppStore, app: string): Promise<ErasedUsers | undefined> => {
  const value = await store.get(ERASED_ENTRY, { type: "json", cacheTtl: 30 });
  if (typeof value !== "object" || value === null) return undefined;
  const known = parsed.get(value) ?? parse(value);
  parsed.set(value, known);
  return known(app);
};

const ERASED: Violation = {
  reason: "erased",
  message: "The logs of this user were erased. Logs from before that are not stored.",
  field: "user.id",
};

/** Refuses the logs of erased users, and passes the others to the quotas of the app. */
export const withErasedUsers = (findErasedMs: ErasedUsers, openQuota: OpenAdmission | undefined): OpenAdmission => {
  const times = new Map<string, number | undefined>();
  const findMs = (user: string): number | undefined => {
    if (!times.has(user)) times.set(user, findErasedMs(user));
    return times.get(user);
  };
  return () => {
    const quota = openQuota?.() ?? UNLIMITED;
    const refuseErased = (users: readonly string[], loggedMs = -Infinity): Violation | undefined =>
      users.some((user) => {
        const erasedMs = findMs(user);
        return erasedMs !== undefined && loggedMs <= erasedMs;
      })
        ? ERASED
        : undefined;
    return {
      admit: (event) => refuseErased(event.users, event.loggedMs) ?? quota.admit(event),
      refuseErased,
      ...(quota.admitRejected === undefined ? {} : { admitRejected: quota.admitRejected }),
      release: quota.release,
    };
  };
};
