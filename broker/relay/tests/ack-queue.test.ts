import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AckQueue } from "../src/ack-queue.ts";

describe(AckQueue, () => {
  it("releases a message only after all earlier messages are complete", () => {
    const queue = new AckQueue();
    const [a, b, c] = [queue.add(1), queue.add(2), queue.add(3)];
    expect(queue.complete(b)).toEqual([]);
    expect(queue.complete(a)).toEqual([1, 2]);
    expect(queue.size).toBe(1);
    expect(queue.complete(c)).toEqual([3]);
  });

  it("releases each message once and in the order of arrival, for any order of completion", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.infiniteStream(fc.nat()), (count, picks) => {
        const queue = new AckQueue();
        const incomplete = Array.from({ length: count }, (_, i) => queue.add(i));
        const acknowledged: number[] = [];
        while (incomplete.length > 0) {
          const [entry] = incomplete.splice((picks.next().value ?? 0) % incomplete.length, 1);
          if (entry !== undefined) acknowledged.push(...queue.complete(entry));
        }
        expect(acknowledged).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(queue.size).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});
