/**
 * Keeps KV, the relay's users file and the broker's password file consistent. KV is the source of truth; `sync` derives the
 * files from it, so the next command completes a change that was interrupted.
 */
import { pluralize } from "#contract/wire/quantity.ts";
import {
  APP_ENTRY_PREFIX,
  appEntry,
  appRecordSchema,
  ORIGINS_ENTRY,
  REMOVED_APP_DAYS,
  removedAppSchema,
  type AppRecord,
  type RemovedApp,
} from "#contract/store/app-record.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { appOfUser } from "#contract/wire/topics.ts";
import { StackError } from "../lib/stack-error.ts";
import type { Kv } from "./kv.ts";
import { readPasswords, writePasswords } from "./password-file.ts";
import { toOrigins, withApp } from "./records.ts";
import { addUsers, readAllUsers } from "./users-file.ts";

export interface BrokerTarget {
  /** Path of the broker's password file. */
  readonly passwords: string;
  /** Path of the relay's users file. With several relays, new apps get into this one: see users-file.ts. */
  readonly users: string;
  /** Resolves when the relay has a session for each of these MQTT users. Throws if a session is missing after 10 seconds. */
  readonly confirmSessions: (users: readonly string[]) => Promise<void>;
  /** Makes the broker reload the password file; returns a message for the operator. */
  readonly reload: () => Promise<string>;
}

export interface Registry {
  readonly apps: ReadonlyMap<string, AppRecord>;
  /** Names of KV entries that are not valid app records. The Worker ignores them too. */
  readonly malformed: readonly string[];
  /** Throws when the app does not exist. */
  find(app: string): AppRecord;
  /** Writes an app's record to KV. If `record` is undefined, the entry of a removed app replaces it for 30 days. */
  commit(app: string, record: AppRecord | undefined): Promise<void>;
  /**
   * Updates the broker from KV, for one app or all. A user's session at the relay exists before its password. For all apps,
   * throws if an app has users at the broker and no entry in KV, unless `force` is true: KV may have been emptied. With
   * `force`, these apps lose their users.
   */
  sync(app?: string, options?: { readonly force?: boolean }): Promise<string>;
}

const toMissingError = (apps: readonly string[]): StackError =>
  new StackError(
    `KV has no entry of ${pluralize(apps.length, "app")} with users at the broker: ${apps.join(", ")}. Nothing was changed.\n` +
      "If KV was emptied, restore it: npm run app -- import FILE\n" +
      "To remove these apps from the broker: npm run app -- sync --force",
  );

/** The entry of an app removed at `nowMs`. */
const toRemoved = (nowMs: number): RemovedApp => ({ removed: true, removedAt: new Date(nowMs).toISOString() });

export const openRegistry = async (kv: Kv, target: BrokerTarget): Promise<Registry> => {
  const apps = new Map<string, AppRecord>();
  const removed = new Set<string>();
  const malformed: string[] = [];
  for (const [name, value] of await kv.list(APP_ENTRY_PREFIX)) {
    const app = name.slice(APP_ENTRY_PREFIX.length);
    const record = appRecordSchema.safeParse(value);
    if (record.success) apps.set(app, record.data);
    else if (removedAppSchema.safeParse(value).success) removed.add(app);
    else malformed.push(name);
  }

  /** Apps that the registry wrote to the broker and that have no entry in KV. */
  const findMissing = async (users: Iterable<string>): Promise<readonly string[]> => {
    // Users that are not in the users file were not written by this program.
    const registered = await readAllUsers(target.users);
    const known = new Set([...users].filter((user) => registered.has(user)).map(appOfUser));
    return [...known].filter((app) => !apps.has(app) && !removed.has(app) && !malformed.includes(appEntry(app)));
  };

  return {
    apps,
    malformed,
    find(app) {
      const record = apps.get(app);
      if (record === undefined) throw new StackError(`App not found: ${app}.`);
      return record;
    },
    async commit(app, record) {
      if (record === undefined) apps.delete(app);
      else apps.set(app, record);
      // Origins are written with the app and removed before it, so an interrupted change denies access.
      const origins = { [ORIGINS_ENTRY]: toOrigins(apps.values()) };
      if (record !== undefined) return await kv.put({ ...origins, [appEntry(app)]: record });
      removed.add(app);
      await kv.put(origins);
      await kv.put({ [appEntry(app)]: toRemoved(Date.now()) }, { expireAfterMs: REMOVED_APP_DAYS * DAY_MS });
    },
    async sync(app, { force = false } = {}) {
      const before = await readPasswords(target.passwords);
      if (before === undefined) throw new StackError(`The broker's password file is missing: ${target.passwords}`);
      const missing = app === undefined ? await findMissing(before.keys()) : [];
      if (missing.length > 0 && !force) throw toMissingError(missing);
      const now = Date.now();
      const after = (app === undefined ? [...apps.keys(), ...removed, ...missing] : [app]).reduce(
        (passwords, each) => withApp(passwords, each, apps.get(each), now),
        before,
      );
      if (app === undefined) await kv.put({ [ORIGINS_ENTRY]: toOrigins(apps.values()) });
      await addUsers(
        target.users,
        [...after.keys()].filter((user) => apps.has(appOfUser(user))),
      );
      const isSame = after.size === before.size && [...after].every(([user, hash]) => before.get(user) === hash);
      if (isSame) return "The broker is up to date.";
      await target.confirmSessions([...after.keys()].filter((user) => !before.has(user)));
      await writePasswords(target.passwords, after);
      return await target.reload();
    },
  };
};
