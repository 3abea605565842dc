import { describe, expect, it } from "vitest";
import { appEntry } from "#contract/store/app-record.ts";
import { createEntryCache } from "../src/access/app-store.ts";
import { findApp, hasAppEntry, type AppStore } from "../src/access/apps.ts";

const TTL_MS = 30_000;

const open = () => {
  let nowMs = 0;
  const reads: string[] = [];
  const values = new Map<string, unknown>([["app:shop", { rate: "low" }]]);
  const cache = createEntryCache(() => nowMs);
  return {
    reads,
    values,
    wait: (ms: number) => (nowMs += ms),
    get: (name: string, maxAgeMs = TTL_MS) =>
      cache.get(name, maxAgeMs, async () => {
        reads.push(name);
        return values.get(name) ?? null;
      }),
  };
};

describe(createEntryCache, () => {
  it("reads an entry once in 30 seconds, however many requests need it", async () => {
    const { get, wait, reads, values } = open();
    for (let request = 0; request < 1_000; request += 1) expect(await get("app:shop")).toEqual({ rate: "low" });
    expect(reads).toHaveLength(1);
    values.set("app:shop", { rate: "high" });
    wait(TTL_MS - 1);
    expect(await get("app:shop")).toEqual({ rate: "low" });
    wait(1);
    expect(await get("app:shop")).toEqual({ rate: "high" });
    expect(reads).toHaveLength(2);
  });

  it("reads an entry again after the clock was set back", async () => {
    const { get, wait, values } = open();
    await get("app:shop");
    values.set("app:shop", { rate: "high" });
    wait(-60 * 60_000);
    expect(await get("app:shop")).toEqual({ rate: "high" });
  });

  it("does not cache a missing entry, so that a new app can log at once", async () => {
    const { get, values } = open();
    expect(await get("app:new")).toBeNull();
    values.set("app:new", { rate: "low" });
    expect(await get("app:new")).toEqual({ rate: "low" });
  });

  it("reads every time with a maximum age of 0", async () => {
    const { get, reads } = open();
    await get("app:shop", 0);
    await get("app:shop", 0);
    expect(reads).toHaveLength(2);
  });

  it("is bounded: the oldest of 5,000 entries is removed", async () => {
    const { get, reads, values } = open();
    for (let i = 0; i <= 5_000; i += 1) {
      values.set(`app:${i}`, {});
      await get(`app:${i}`);
    }
    await get("app:5000");
    expect(reads).toHaveLength(5_001);
    await get("app:0");
    expect(reads).toHaveLength(5_002);
  });
});

describe(findApp, () => {
  /** As KV does: the value is parsed when it is read. */
  const createStore = (values: Readonly<Record<string, string>>): AppStore => ({
    get: async (name) => JSON.parse(values[name] ?? "null") as unknown,
  });

  it.each(["{", "app", "[]", '{"keys":1}'])(
    "finds no app in the malformed entry %s, and does not fail",
    async (value) => {
      const store = createStore({ [appEntry("shop")]: value });
      expect(await findApp(store, "shop")).toBeUndefined();
      expect(await hasAppEntry(store, "shop")).toBe(false);
    },
  );

  it("fails if KV cannot be read", async () => {
    const store: AppStore = { get: () => Promise.reject(new Error("KV GET failed: 500")) };
    await expect(findApp(store, "shop")).rejects.toThrow("500");
  });
});
