import { describe, expect, it } from "vitest";
import { createEntryCache } from "../src/access/app-store.ts";

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
