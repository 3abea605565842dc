import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Kv } from "../apps/kv.ts";
import { createEraseToken } from "../erase/erase-token.ts";
import { readUser } from "../erase/read-user.ts";

const NOW = Date.UTC(2026, 10, 29);
const MINUTE = 60_000;

/** A namespace in memory. Writes end when `release` is called. */
const createMemoryKv = () => {
  const entries = new Map<string, { readonly canErase: boolean; readonly expiresAt: string }>();
  const times: (number | undefined)[] = [];
  let wait: Promise<void> = Promise.resolve();
  const kv: Kv = {
    list: async () => entries,
    get: async (name) => entries.get(name),
    async put(values, { expireAfterMs } = {}) {
      await wait;
      times.push(expireAfterMs);
      for (const [name, value] of Object.entries(values)) {
        entries.set(name, value as { canErase: boolean; expiresAt: string });
      }
    },
    remove: async (name) => void entries.delete(name),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { kv, entries, times, setWait: (next: Promise<void>): void => void (wait = next) };
};

describe(createEraseToken, () => {
  it("creates the entry when it is first needed, for five minutes, and extends it while it is used", async () => {
    const { kv, entries, times } = createMemoryKv();
    let nowMs = NOW;
    const token = createEraseToken(
      kv,
      ["shop"],
      async () => kv,
      () => nowMs,
    );
    expect(entries.size).toBe(0);
    await token.ensure();
    await token.ensure();
    expect(times).toEqual([5 * MINUTE]);
    nowMs += 3 * MINUTE;
    await token.ensure();
    expect([...entries.values()]).toMatchObject([
      { canErase: true, expiresAt: new Date(nowMs + 5 * MINUTE).toISOString() },
    ]);
    await token.revoke();
    expect(entries.size).toBe(0);
    await token.ensure();
    expect(entries.size).toBe(0);
  });

  it("leaves no entry if it is revoked while the entry is written", async () => {
    const { kv, entries, setWait } = createMemoryKv();
    const { promise, resolve } = Promise.withResolvers<void>();
    setWait(promise);
    const token = createEraseToken(kv, ["shop"], async () => kv);
    const ensured = token.ensure();
    const revoked = token.revoke();
    resolve();
    await Promise.all([ensured, revoked]);
    expect(entries.size).toBe(0);
  });

  it("opens the namespace again if the first connection was closed", async () => {
    const { kv, entries } = createMemoryKv();
    const closed = { ...kv, remove: () => Promise.reject(new Error("the process has ended")) };
    const token = createEraseToken(closed, ["shop"], async () => kv);
    await token.ensure();
    await token.revoke();
    expect(entries.size).toBe(0);
  });
});

describe(readUser, () => {
  const toInput = (text: string): NodeJS.ReadStream =>
    Object.assign(new PassThrough().end(text) as unknown as NodeJS.ReadStream, { isTTY: false });

  it.each([["u-1042\n"], ["  u-1042"], ["\nu-1042\nother\n"]])("reads the first line of %j", async (text) => {
    expect(await readUser(toInput(text))).toBe("u-1042");
  });

  it("fails without a line", async () => {
    await expect(readUser(toInput("\n"))).rejects.toThrow("Missing user");
  });
});
