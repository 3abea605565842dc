import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AckLedger } from "../src/ack-queue.ts";

describe(AckLedger, () => {
  it("holds a later message back until the earlier ones are complete", () => {
    const ledger = new AckLedger();
    const [a, b, c] = [ledger.add(1), ledger.add(2), ledger.add(3)];
    expect(ledger.complete(b)).toEqual([]);
    expect(ledger.complete(a)).toEqual([1, 2]);
    expect(ledger.size).toBe(1);
    expect(ledger.complete(c)).toEqual([3]);
  });

  it("acknowledges each message once and in the order of arrival, whatever the order of completion", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.infiniteStream(fc.nat()), (count, picks) => {
        const ledger = new AckLedger();
        const open = Array.from({ length: count }, (_, i) => ledger.add(i));
        const acknowledged: number[] = [];
        while (open.length > 0) {
          const [entry] = open.splice((picks.next().value ?? 0) % open.length, 1);
          if (entry !== undefined) acknowledged.push(...ledger.complete(entry));
        }
        expect(acknowledged).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(ledger.size).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});
