import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ERASED_ENTRY, erasedEntrySchema } from "#contract/store/erasure.ts";
import { createEntryCache, openAppStore } from "../src/access/app-store.ts";
import { publishErasures } from "../src/erase/erase-user.ts";
import { findErasedUsers } from "../src/erase/erased-users.ts";
import { hashUser, hashUserOfApp } from "../src/erase/hash-user.ts";
import type { StoreClient } from "../src/opensearch/client.ts";

const ERASED_AT = Date.UTC(2026, 10, 29, 12);

describe("the KV entry of erased users", () => {
  const T1 = "2026-11-27T12:00:00.000Z";
  const T2 = "2026-11-28T12:00:00.000Z";
  const T3 = "2026-11-29T12:00:00.000Z";
  const recordOf = (at: string, apps: readonly string[], user: string): object => ({
    at,
    by: "test",
    user: hashUser(user),
    apps,
    logs: 0,
    rejected: 0,
  });
  /** Publishes records, from new to old, and returns the entry. */
  const publish = async (...records: readonly object[]): Promise<{ readonly text: string; readonly count: number }> => {
    const hits = records.map((_source) => ({ _source }));
    const response = { status: 200, body: { hits: { hits }, _shards: { total: 1, successful: 1, failed: 0 } } };
    const client: StoreClient = {
      request: async () => response,
      requestWithin: async () => response,
      postLines: async () => response,
    };
    const entries = new Map<string, string>();
    const put = async (name: string, value: string): Promise<void> => void entries.set(name, value);
    const count = await publishErasures(client, { put }, ERASED_AT);
    return { text: entries.get(ERASED_ENTRY) ?? "", count };
  };
  const find = async (text: string, app: string, user: string): Promise<string | undefined> => {
    const value: unknown = JSON.parse(text);
    const atMs = (await findErasedUsers({ get: async () => value }, app))?.(user);
    return atMs === undefined ? undefined : new Date(atMs).toISOString();
  };

  it("is made from all erasures, has no user ids, and the latest time of each user and app", async () => {
    const { text, count } = await publish(
      recordOf(T3, ["shop"], "u-1"),
      recordOf(T2, ["shop", "blog"], "u-1"),
      recordOf(T1, ["blog"], "u-1"),
      recordOf(T1, ["shop", "blog"], "u-2"),
    );
    expect(count).toBe(2);
    expect(text).not.toMatch(/u-[12]/);
    expect(erasedEntrySchema.parse(JSON.parse(text))).toMatchObject({
      appLists: [["shop"], ["blog", "shop"]],
      erasures: [{ at: T3 }, { at: T2 }, { at: T1 }],
    });
    expect(await find(text, "shop", "u-1")).toBe(T3);
    expect(await find(text, "blog", "u-1")).toBe(T2);
    expect(await find(text, "blog", "u-2")).toBe(T1);
    expect(await find(text, "shop", "u-3")).toBeUndefined();
    expect(await findErasedUsers({ get: async () => JSON.parse(text) as unknown }, "other")).toBeUndefined();
  });

  it("has the erasures of earlier versions, with a hash for each app", async () => {
    const users = [{ app: "shop", user: hashUserOfApp("shop", "u-1") }];
    const { text } = await publish(recordOf(T3, ["blog"], "u-1"), { at: T2, by: "test", users, logs: 0, rejected: 0 });
    expect(await find(text, "shop", "u-1")).toBe(T2);
    expect(await find(text, "blog", "u-1")).toBe(T3);
    expect(await find(JSON.stringify({ users: [{ ...users[0], at: T1 }] }), "shop", "u-1")).toBe(T1);
  });

  it("has 10,000 users with any number of apps, and a warning is logged at the limit", async () => {
    const warnings: string[] = [];
    const warn = vi.spyOn(console, "warn").mockImplementation((line: string) => void warnings.push(line));
    onTestFinished(() => warn.mockRestore());
    const apps = Array.from({ length: 100 }, (_, i) => `app-${i}`);
    const records = Array.from({ length: 10_000 }, (_, i) => recordOf(T3, apps, `u-${i}`));
    expect((await publish(...records.slice(1))).count).toBe(9_999);
    expect(warnings).toEqual([]);
    const { text } = await publish(...records);
    expect(warnings.join()).toContain('"limit":10000');
    expect(await find(text, "app-99", "u-9999")).toBe(T3);
    expect(text.length).toBeLessThan(2_000_000);
  });
});

it.each(["{", "erased", "[]", '{"users":1}'])(
  "a malformed entry %s of erased users is logged and does not refuse the logs of all apps",
  async (text) => {
    const warnings: string[] = [];
    const warn = vi.spyOn(console, "warn").mockImplementation((line: string) => void warnings.push(line));
    onTestFinished(() => warn.mockRestore());
    const store = openAppStore({ APPS: { get: async () => JSON.parse(text) as unknown } }, createEntryCache());
    expect(await findErasedUsers(store, "shop")).toBeUndefined();
    expect(warnings.join()).toContain('"entry":"erased"');
  },
);
