/** Rate limits of the live tail. */
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
    const add = batchEvents((events) => given.push(events.map(({ id }) => id)), controller.signal);
    return { given, add, stop: () => controller.abort() };
  };

  it("passes the first event on at once and later ones together", () => {
    const { given, add } = start();
    add([event("a")]);
    expect(given).toEqual([["a"]]);
    add([event("b")]);
    add([event("c"), event("d")]);
    expect(given).toHaveLength(1);
    vi.advanceTimersByTime(50);
    expect(given).toEqual([["a"], ["b", "c", "d"]]);
    vi.advanceTimersByTime(1_000);
    add([event("e")]);
    expect(given).toHaveLength(3);
  });

  it("passes nothing on after the signal aborts", () => {
    const { given, add, stop } = start();
    add([event("a")]);
    add([event("b")]);
    stop();
    vi.advanceTimersByTime(1_000);
    expect(given).toEqual([["a"]]);
  });

  it("continues after the callback throws", () => {
    let calls = 0;
    const add = batchEvents(() => {
      calls += 1;
      throw new Error("shown wrongly");
    }, new AbortController().signal);
    expect(() => add([event("a")])).toThrow("shown wrongly");
    vi.advanceTimersByTime(1_000);
    expect(() => add([event("b")])).toThrow("shown wrongly");
    expect(calls).toBe(2);
  });
});

describe(createRateLimiter, () => {
  it("allows a burst, then a thousand events a second", () => {
    const limitRate = createRateLimiter();
    expect(limitRate(1_000, 0)).toBe(0);
    expect(limitRate(100, 0)).toBe(100);
    expect(limitRate(100, 100)).toBe(100);
    expect(limitRate(1, 60_000)).toBe(0);
    expect(limitRate(5_000, 60_000)).toBeCloseTo(4_001);
  });
});
