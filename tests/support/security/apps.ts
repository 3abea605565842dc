/** Creates and changes apps of a stack with the functions of `npm run app`. */
import type { AppRecord } from "#contract/store/app-record.ts";
import { openLocalKv } from "../../../stack/apps/kv.ts";
import { findBrokerTarget, type Target } from "../../../stack/apps/targets.ts";
import { createRecord } from "../../../stack/apps/records.ts";
import { openRegistry, type Registry } from "../../../stack/apps/registry.ts";

/** Runs `work` on the registry of the stack in `home`, then updates the broker. `target`: the relays, if there are several. */
export const withApps = async <T>(
  home: string,
  work: (registry: Registry) => Promise<T>,
  target: Omit<Target, "remote"> = {},
): Promise<T> => {
  await using kv = await openLocalKv(home);
  const registry = await openRegistry(kv, findBrokerTarget(home, { remote: false, ...target }));
  const result = await work(registry);
  await registry.sync();
  return result;
};

/** Creates an app and returns its key. */
export const createApp = async (
  registry: Registry,
  app: string,
  changes: Partial<Omit<AppRecord, "keys">> = {},
): Promise<string> => {
  const { key, record } = createRecord({ origins: [], rate: "unlimited", retentionDays: 30 });
  await registry.commit(app, { ...record, ...changes });
  return key;
};
