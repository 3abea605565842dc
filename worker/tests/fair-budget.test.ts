import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FairBudget, type Share } from "../src/fair-budget.ts";

const [MAX_WAIT_MS, MAX_HOLD_MS] = [5_000, 60_000];

const createBudget = (): FairBudget =>
  new FairBudget({ total: 100, maxForOwner: () => 60, maxWaitMs: MAX_WAIT_MS, maxHoldMs: MAX_HOLD_MS });

/** Requests shares. `granted` has the names of the owners in the order in which they got a share. */
const request = (budget: FairBudget, ...wanted: readonly (readonly [owner: string, bytes: number])[]) => {
  const granted: string[] = [];
  const shares = wanted.map(async ([owner, bytes]) => {
    const share = await budget.acquire(bytes, owner);
    if (share !== undefined) granted.push(owner);
    return share;
  });
  return { granted, shares };
};

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

const give = async (share: Promise<Share | undefined> | undefined): Promise<void> => (await share)?.release();

describe(FairBudget, () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("grants shares up to the total, then in the order of the requests", async () => {
    const budget = createBudget();
    const { granted, shares } = request(budget, ["a", 50], ["b", 50], ["c", 30], ["d", 10]);
    await settle();
    expect(granted).toEqual(["a", "b"]);
    expect(budget.held).toBe(100);
    await give(shares[0]);
    await settle();
    expect(granted).toEqual(["a", "b", "c", "d"]);
    expect(budget.held).toBe(90);
  });

  it("does not let a small request overtake a large one of another owner", async () => {
    const budget = createBudget();
    const { granted } = request(budget, ["a", 60], ["b", 50], ["c", 10]);
    await settle();
    expect(granted).toEqual(["a"]);
  });

  it("serves the owner that holds the least first", async () => {
    const budget = createBudget();
    const { granted, shares } = request(budget, ["busy", 30], ["other", 50], ["busy", 30], ["busy", 30], ["quiet", 10]);
    await settle();
    expect(granted).toEqual(["busy", "other", "quiet"]);
    await give(shares[0]);
    await settle();
    expect(granted).toEqual(["busy", "other", "quiet", "busy"]);
  });

  it("leaves a part of the total to other owners", async () => {
    const budget = createBudget();
    const { granted } = request(budget, ["a", 40], ["a", 40], ["b", 40]);
    await settle();
    expect(granted).toEqual(["a", "b"]);
  });

  it("grants a waiting share when another one shrinks", async () => {
    const budget = createBudget();
    const { granted, shares } = request(budget, ["a", 60], ["b", 60]);
    (await shares[0])?.shrink(10);
    await settle();
    expect(granted).toEqual(["a", "b"]);
  });

  it("refuses a request after the maximum wait, and does not count it", async () => {
    const budget = createBudget();
    const { shares } = request(budget, ["a", 60], ["b", 60]);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(await shares[1]).toBeUndefined();
    await give(shares[0]);
    expect(budget.held).toBe(0);
  });

  it("grants nothing to a request that ended while it waited", async () => {
    const budget = createBudget();
    const { granted } = request(budget, ["a", 60], ["ended", 60], ["ended", 60]);
    // The runtime stops the timers of requests that it ends.
    vi.clearAllTimers();
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS + 1_000);
    expect(await budget.acquire(40, "b")).toBeDefined();
    expect(granted).toEqual(["a"]);
    expect(budget.held).toBe(100);
  });

  it("frees the share of a request that ended without a release", async () => {
    const budget = createBudget();
    request(budget, ["a", 60]);
    await vi.advanceTimersByTimeAsync(MAX_HOLD_MS);
    expect(await budget.acquire(60, "b")).toBeDefined();
    expect(budget.held).toBe(60);
  });
});
