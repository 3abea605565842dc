/**
 * Keeps KV and the broker's password file consistent. KV is the source of truth; `sync` derives the password file from it,
 * so the next command completes a change that was interrupted between the two writes.
 */
import {
  APP_ENTRY_PREFIX,
  appEntry,
  appRecordSchema,
  ORIGINS_ENTRY,
  type AppRecord,
} from "#contract/store/app-record.ts";
import { StackError } from "../lib/stack-error.ts";
import type { Kv } from "./kv.ts";
import { readPasswords, writePasswords } from "./password-file.ts";
import { toOrigins, withApp } from "./records.ts";

export interface PasswordTarget {
  /** Path of the broker's password file. */
  readonly passwords: string;
  /** Makes the broker reload the file; returns a message for the operator. */
  readonly reload: () => Promise<string>;
}

export interface Registry {
  readonly apps: ReadonlyMap<string, AppRecord>;
  /** Names of KV entries that are not valid app records. The Worker ignores them too. */
  readonly malformed: readonly string[];
  /** Throws when the app does not exist. */
  find(app: string): AppRecord;
  /** Writes an app's record to KV, or removes it if `record` is undefined. */
  commit(app: string, record: AppRecord | undefined): Promise<void>;
  /** Updates the broker from KV, for one app or all. An app that KV no longer has loses its users. */
  sync(app?: string): Promise<string>;
}

export const openRegistry = async (kv: Kv, { passwords: path, reload }: PasswordTarget): Promise<Registry> => {
  const apps = new Map<string, AppRecord>();
  const malformed: string[] = [];
  for (const [name, value] of await kv.list(APP_ENTRY_PREFIX)) {
    const record = appRecordSchema.safeParse(value);
    if (record.success) apps.set(name.slice(APP_ENTRY_PREFIX.length), record.data);
    else malformed.push(name);
  }

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
      await kv.put(record === undefined ? origins : { ...origins, [appEntry(app)]: record });
      if (record === undefined) await kv.remove(appEntry(app));
    },
    async sync(app) {
      const before = await readPasswords(path);
      if (before === undefined) throw new StackError(`The broker's password file is missing: ${path}`);
      const now = Date.now();
      const after = (app === undefined ? [...apps.keys()] : [app]).reduce(
        (passwords, each) => withApp(passwords, each, apps.get(each), now),
        before,
      );
      if (app === undefined) await kv.put({ [ORIGINS_ENTRY]: toOrigins(apps.values()) });
      const isSame = after.size === before.size && [...after].every(([user, hash]) => before.get(user) === hash);
      if (isSame) return "The broker is up to date.";
      await writePasswords(path, after);
      return await reload();
    },
  };
};
