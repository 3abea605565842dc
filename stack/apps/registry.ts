/**
 * Keeps KV, the relay's users file and the broker's password file consistent. KV is the source of truth; `sync` derives the
 * files from it, so the next command completes a change that was interrupted.
 */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
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
import { APP_ID_PATTERN, appOfUser } from "#contract/wire/topics.ts";
import { withFileLock } from "../lib/file-lock.ts";
import { StackError } from "../lib/stack-error.ts";
import type { Kv } from "./kv.ts";
import { readPasswords, writePasswords, type Passwords } from "./password-file.ts";
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
  /** For the operator, if the password file has no user of the relay: it was created again, or these users are still missing. */
  readonly missingUsers: string;
}

export interface Registry {
  readonly apps: ReadonlyMap<string, AppRecord>;
  /** Names of KV entries that are not valid app records. The Worker ignores them too. */
  readonly malformed: readonly string[];
  /** Throws when the app does not exist. */
  find(app: string): AppRecord;
  /** Removes an entry with a name that is not a valid app id. Throws if there is none. */
  removeMalformed(app: string): Promise<void>;
  /**
   * Writes an app's record to KV. If `record` is undefined, the entry of a removed app replaces it for 30 days. Throws, and writes
   * nothing, if another command has changed the app since this registry read it, or if the folder of the password file is missing:
   * the change would apply to HTTP only.
   */
  commit(app: string, record: AppRecord | undefined): Promise<void>;
  /**
   * Updates the broker from KV, for one app or all. A user's session at the relay exists before its password. Removes users even
   * if the relay does not respond. For all apps, creates the password file if it is missing, and throws if an app has users at
   * the broker and no entry in KV, unless `force` is true: KV may have been emptied. With `force`, these apps lose their users.
   */
  sync(app?: string, options?: { readonly force?: boolean }): Promise<string>;
}

/** The advice for a malformed entry. */
export const toMalformed = (name: string): string =>
  `${name} in KV is not a valid app record. Import an export that has it, recreate the app, or remove it: npm run app -- remove ID`;

const toMissingError = (apps: readonly string[]): StackError =>
  new StackError(
    `KV has no entry of ${pluralize(apps.length, "app")} with users at the broker: ${apps.join(", ")}. Nothing was changed.\n` +
      "If KV was emptied, restore it: npm run app -- import FILE\n" +
      "To remove these apps from the broker: npm run app -- sync --force",
  );

const toNoFileError = (path: string): StackError =>
  new StackError(
    `The broker's password file is missing: ${path}\nTo create it again: npm run app -- sync, or pass --passwords FILE.`,
  );

/** Throws if the path of the password file is wrong, or the stack of this machine has never started. */
const assertFolder = (path: string): void => {
  if (existsSync(dirname(path))) return;
  throw new StackError(
    `There is no folder for the broker's password file ${path}. Nothing was changed.\n` +
      "Set EDGELOG_PASSWORDS to the path of the file, or pass --passwords FILE. The local stack creates the folder when it starts.",
  );
};

/** The entry of an app removed at `nowMs`. */
const toRemoved = (nowMs: number): RemovedApp => ({ removed: true, removedAt: new Date(nowMs).toISOString() });

export const openRegistry = async (kv: Kv, target: BrokerTarget): Promise<Registry> => {
  const entries = new Map<string, unknown>();
  const apps = new Map<string, AppRecord>();
  const removed = new Set<string>();
  const malformed: string[] = [];
  /** Entries that this registry wrote. KV on Cloudflare can return the value from before for a minute. */
  const written = new Map<string, { readonly before: unknown; readonly after: unknown }>();

  const load = async (): Promise<void> => {
    const found = await kv.list(APP_ENTRY_PREFIX);
    for (const state of [entries, apps, removed]) state.clear();
    malformed.length = 0;
    for (const name of new Set([...found.keys(), ...written.keys()])) {
      const own = written.get(name);
      const value = own !== undefined && isDeepStrictEqual(found.get(name), own.before) ? own.after : found.get(name);
      const app = name.slice(APP_ENTRY_PREFIX.length);
      const record = appRecordSchema.safeParse(value);
      entries.set(name, value);
      // A name with a line feed or a colon would change other lines of the broker's files.
      if (!APP_ID_PATTERN.test(app)) malformed.push(name);
      else if (record.success) apps.set(app, record.data);
      else if (removedAppSchema.safeParse(value).success) removed.add(app);
      else malformed.push(name);
    }
  };
  await load();

  /** Apps that the registry wrote to the broker and that have no entry in KV. */
  const findMissing = async (users: Iterable<string>): Promise<readonly string[]> => {
    // Users that are not in the users file were not written by this program.
    const registered = await readAllUsers(target.users);
    const known = new Set([...users].filter((user) => registered.has(user)).map(appOfUser));
    return [...known].filter((app) => !apps.has(app) && !removed.has(app) && !malformed.includes(appEntry(app)));
  };

  /** The users of one app, or of all, as they should be at the broker. */
  const plan = async (before: Passwords, app: string | undefined, force: boolean): Promise<Passwords> => {
    const missing = app === undefined ? await findMissing(before.keys()) : [];
    if (missing.length > 0 && !force) throw toMissingError(missing);
    const now = Date.now();
    return (app === undefined ? [...apps.keys(), ...removed, ...missing] : [app]).reduce(
      (passwords, each) => withApp(passwords, each, apps.get(each), now),
      before,
    );
  };

  return {
    apps,
    malformed,
    find(app) {
      const record = apps.get(app);
      if (record === undefined) {
        throw new StackError(malformed.includes(appEntry(app)) ? toMalformed(appEntry(app)) : `App not found: ${app}.`);
      }
      return record;
    },
    async removeMalformed(app) {
      if (!malformed.includes(appEntry(app))) throw new StackError(`App not found: ${app}.`);
      await kv.remove(appEntry(app));
    },
    async commit(app, record) {
      assertFolder(target.passwords);
      await withFileLock(target.passwords, async () => {
        const name = appEntry(app);
        const seen = JSON.stringify(entries.get(name));
        await load();
        if (JSON.stringify(entries.get(name)) !== seen) {
          throw new StackError(`Another command has changed ${app}. Repeat the command.`);
        }
        const after = record ?? toRemoved(Date.now());
        written.set(name, { before: entries.get(name), after });
        entries.set(name, after);
        if (record === undefined) apps.delete(app);
        else apps.set(app, record);
        // Origins are written with the app and removed before it, so an interrupted change denies access.
        const origins = { [ORIGINS_ENTRY]: toOrigins(apps.values()) };
        if (record !== undefined) return await kv.put({ ...origins, [name]: record });
        removed.add(app);
        await kv.put(origins);
        await kv.put({ [name]: after }, { expireAfterMs: REMOVED_APP_DAYS * DAY_MS });
      });
    },
    async sync(app, { force = false } = {}) {
      assertFolder(target.passwords);
      const confirmed = new Set<string>();
      let isChanged = false;
      let isComplete = true;
      /** Writes the users whose sessions are confirmed, and returns the others. */
      const write = async (): Promise<readonly string[]> => {
        await load();
        const found = await readPasswords(target.passwords);
        if (found === undefined && app !== undefined) throw toNoFileError(target.passwords);
        const before = found ?? new Map<string, string>();
        const after = await plan(before, app, force);
        if (app === undefined) await kv.put({ [ORIGINS_ENTRY]: toOrigins(apps.values()) });
        await addUsers(
          target.users,
          [...after.keys()].filter((user) => apps.has(appOfUser(user))),
        );
        const waiting = [...after.keys()].filter((user) => !before.has(user) && !confirmed.has(user));
        const ready = new Map([...after].filter(([user]) => !waiting.includes(user)));
        if (found === undefined || !isDeepStrictEqual(before, ready)) {
          await writePasswords(target.passwords, ready);
          isChanged = true;
        }
        isComplete = [...ready.keys()].some((user) => !APP_ID_PATTERN.test(appOfUser(user)));
        return waiting;
      };
      // Without the user of the relay, the broker must not read the file: it would disconnect the relay.
      const report = async (): Promise<string> =>
        isComplete ? (isChanged ? await target.reload() : "The broker is up to date.") : target.missingUsers;
      for (;;) {
        // Another command may have changed KV and the files while this one waited for the relay.
        const waiting = await withFileLock(target.passwords, write);
        if (waiting.length === 0) break;
        try {
          await target.confirmSessions(waiting);
        } catch (error) {
          if ((isComplete && !isChanged) || !(error instanceof StackError)) throw error;
          throw new StackError(`${error.message}\n${await report()}`);
        }
        for (const user of waiting) confirmed.add(user);
      }
      return await report();
    },
  };
};
