/**
 * UUIDv7 (RFC 9562, 6.2 method 1): milliseconds, a counter in rand_a, and 60 random bits that stay while the clock goes
 * forward, when the ids of one page are in the order of the calls. The `uuid` package costs 1.3 KB more, and a random
 * number for each event.
 */

/** A millisecond's ids; clocks that tell only every 100 ms may need more. */
const MAX_COUNT = 0xfff;

let lastMs = Infinity;
let count = 0;
let before = "";
let after = "";

const hex = (value: number | bigint, length: number): string => value.toString(16).padStart(length, "0");

/** An id that no other page makes. */
export const newId = (): string => {
  const nowMs = Date.now();
  if (nowMs !== lastMs || count > MAX_COUNT) {
    // The same milliseconds once more: with other random bits.
    if (nowMs <= lastMs) {
      const [bits] = crypto.getRandomValues(new BigUint64Array(1));
      // 8: the variant's two bits, 10, and two that are always 0.
      after = hex(bits as bigint, 16).replace(/.(...)/, "-8$1-");
    }
    lastMs = nowMs;
    count = 0;
    before = hex(nowMs, 12).replace(/.{8}/, "$&-") + "-7";
  }
  return before + hex(count++, 3) + after;
};
