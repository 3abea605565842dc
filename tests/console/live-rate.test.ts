/** What keeps a live tail from drowning a page. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { batchEvents } from "../../web-client/console/live/batch-events.ts";
import { createRateLimiter } from "../../web-client/console/live/rate-limiter.ts";
import type { TailEvent } from "../../web-client/console/live/tail-event.ts";

const event = (id: string): TailEvent => ({ id }) as TailEvent;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe(batchEvents, () => {
  const start = () => {
    const given: (string | undefined)[][] = [];
    const controller = new AbortController();
    const take = batchEvents((events) => given.push(events.map(({ id }) => id)), controller.signal);
    return { given, take, stop: () => controller.abort() };
  };

  it("hands on at once when it is quiet, and together when it is not", () => {
    const { given, take } = start();
    take([event("a")]);
    expect(given).toEqual([["a"]]);
    take([event("b")]);
    take([event("c"), event("d")]);
    expect(given).toHaveLength(1);
    vi.advanceTimersByTime(50);
    expect(given).toEqual([["a"], ["b", "c", "d"]]);
    vi.advanceTimersByTime(1_000);
    take([event("e")]);
    expect(given).toHaveLength(3);
  });

  it("hands on nothing after the end", () => {
    const { given, take, stop } = start();
    take([event("a")]);
    take([event("b")]);
    stop();
    vi.advanceTimersByTime(1_000);
    expect(given).toEqual([["a"]]);
  });

  it("goes on after a mistake of who shows them", () => {
    let calls = 0;
    const take = batchEvents(() => {
      calls += 1;
      throw new Error("shown wrongly");
    }, new AbortController().signal);
    expect(() => take([event("a")])).toThrow("shown wrongly");
    vi.advanceTimersByTime(1_000);
    expect(() => take([event("b")])).toThrow("shown wrongly");
    expect(calls).toBe(2);
  });
});

describe(createRateLimiter, () => {
  it("lets a burst through, then a thousand events a second", () => {
    const pace = createRateLimiter();
    expect(pace(1_000, 0)).toBe(0);
    expect(pace(100, 0)).toBe(100);
    expect(pace(100, 100)).toBe(100);
    expect(pace(1, 60_000)).toBe(0);
    expect(pace(5_000, 60_000)).toBeCloseTo(4_001);
  });
});
