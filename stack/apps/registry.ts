/**
 * Keeps the two that know an app in step. KV holds the truth; the broker's password file is made of it, and `sync` makes
 * it again. So a change that was cut off between the two is finished by the next command, whichever it is.
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

export interface Broker {
  /** Path of its password file. */
  readonly passwords: string;
  /** Makes it read the file again; returns what the operator has to know. */
  readonly reload: () => Promise<string>;
}

export interface Registry {
  readonly apps: ReadonlyMap<string, AppRecord>;
  /** Names of entries in KV that are no records of apps. The Worker passes them over as well. */
  readonly malformed: readonly string[];
  /** Throws when there is no such app. */
  find(app: string): AppRecord;
  /** Writes the app's record, or removes it, to KV. */
  commit(app: string, record: AppRecord | undefined): Promise<void>;
  /** Brings the broker in step with KV. `app` alone where it is given, which need not be in KV any more. */
  sync(app?: string): Promise<string>;
}

export const openRegistry = async (kv: Kv, { passwords: path, reload }: Broker): Promise<Registry> => {
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
      if (record === undefined) throw new StackError(`There is no app ${app}.`);
      return record;
    },
    async commit(app, record) {
      if (record === undefined) apps.delete(app);
      else apps.set(app, record);
      // The origins go with the app, and before it is removed: what is left of a cut-off change is refused, not let in.
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
      if (isSame) return "The broker is in step.";
      await writePasswords(path, after);
      return await reload();
    },
  };
};
