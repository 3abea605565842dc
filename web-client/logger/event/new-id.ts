/**
 * UUIDv7 (RFC 9562, 6.2 method 1): milliseconds, a counter in rand_a, and 60 random bits that stay while the clock goes
 * forward, when the ids of one page are in the order of the calls. The `uuid` package costs 1.3 KB more, and a random
 * number for each event.
 */

/**
 * A millisecond's ids; clocks that tell only every 100 ms may need more. The counter is written with decimal digits, the
 * only ones that engines keep at hand.
 */
const MAX_COUNT = 999;

let lastMs = Infinity;
let count: number;
let before: string;
let after: string;

/** An id that no other page makes. */
export const newId = (): string => {
  const nowMs = Date.now();
  if (nowMs !== lastMs || count > MAX_COUNT) {
    // The same milliseconds once more: with other random bits.
    if (nowMs <= lastMs) {
      // 8: the variant's two bits, 10, and two that are always 0.
      after = (crypto.getRandomValues(new BigUint64Array(1))[0] as bigint)
        .toString(16)
        .padStart(16, "0")
        .replace(/.(...)/, "-8$1-");
    }
    lastMs = nowMs;
    count = 0;
    before = nowMs.toString(16).padStart(12, "0").replace(/.{8}/, "$&-") + "-7";
  }
  return before + String(1_000 + count++).slice(1) + after;
};
