/**
 * Reads the KV namespace APPS through a cache of this isolate. KV bills every read, and each request needs one or two.
 *
 * A change of an entry is effective within one minute: 30 seconds in this cache and 30 seconds in the cache of KV. The cache
 * holds plain data: a request must not await a promise of another request, which may end before the promise does.
 */
import { ERASED_ENTRY } from "#contract/store/erasure.ts";
import { isYounger } from "../is-younger.ts";
import { logWarning } from "../logger.ts";
import { readValue, type AppStore } from "./apps.ts";

const DEFAULT_CACHE_SECONDS = 30;

/** Beyond this number of entries, the oldest is removed. A record has about 500 bytes. */
const MAX_ENTRIES = 5_000;

/** Also without a cache for the other entries, this one is not read for each request. */
const MIN_ERASED_AGE_MS = 1_000;

export interface EntryCache {
  /**
   * The value of an entry, at most `maxAgeMs` old.
   *
   * @param isMissingCached Whether `null` is cached, too. Default: false, because an app may just have been created.
   */
  get(name: string, maxAgeMs: number, read: () => Promise<unknown>, isMissingCached?: boolean): Promise<unknown>;
}

export const createEntryCache = (now: () => number = Date.now): EntryCache => {
  const entries = new Map<string, { readonly value: unknown; readonly readMs: number }>();
  return {
    async get(name, maxAgeMs, read, isMissingCached = false) {
      const cached = entries.get(name);
      if (cached !== undefined && isYounger(now(), cached.readMs, maxAgeMs)) return cached.value;
      const readMs = now();
      const value = await read();
      // Deleted first, because the order of a Map is that of insertion.
      entries.delete(name);
      if (maxAgeMs === 0 || ((value ?? null) === null && !isMissingCached)) return value;
      const [oldest] = entries.keys();
      if (entries.size >= MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
      entries.set(name, { value, readMs });
      return value;
    },
  };
};

/** The entries of this isolate. */
const entryCache = createEntryCache();

interface AppStoreEnv {
  readonly APPS: AppStore;
  readonly APP_CACHE_SECONDS?: string;
}

/**
 * The entry of erased users, which one job writes. If it is not JSON, it counts as missing, so that the logs of all apps are still stored.
 */
const readErased = async (store: AppStore): Promise<unknown> => {
  const value = await readValue(store, ERASED_ENTRY);
  if (value !== undefined) return value;
  logWarning("malformed entry in APPS: old logs of erased users are stored until it is written again, within an hour", {
    entry: ERASED_ENTRY,
  });
  return null;
};

/** The namespace APPS with the cache of this isolate. */
export const openAppStore = ({ APPS, APP_CACHE_SECONDS }: AppStoreEnv, cache: EntryCache = entryCache): AppStore => {
  const maxAgeMs = Number(APP_CACHE_SECONDS ?? DEFAULT_CACHE_SECONDS) * 1_000;
  return {
    get(name, options) {
      // Every request needs this entry, and in most deployments it does not exist.
      return name === ERASED_ENTRY
        ? cache.get(name, Math.max(maxAgeMs, MIN_ERASED_AGE_MS), () => readErased(APPS), true)
        : cache.get(name, maxAgeMs, () => APPS.get(name, options));
    },
  };
};
