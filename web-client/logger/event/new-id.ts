/**
 * UUIDv7 (RFC 9562, 6.2 method 1): milliseconds, a counter in rand_a, and 60 random bits that change only when the clock
 * does not advance. Ids of one page are therefore in the order of the calls. The `uuid` package would add 1.3 KB and
 * a random number for each event.
 */
import { now, randomBits } from "../platform.ts";

/** Ids of one millisecond; the counter is written with decimal digits, because engines cache short decimal strings. */
const MAX_COUNT = 999;

let lastMs = Infinity;
let count: number;
let before: string;
let after: string;

/** A new, globally unique id. */
export const newId = (): string => {
  const nowMs = now();
  if (nowMs !== lastMs || count > MAX_COUNT) {
    // The same milliseconds again (or the first id): other random bits.
    if (nowMs <= lastMs) {
      // 8 is the two variant bits (10) and two bits that are always 0.
      after = randomBits()
        .toString(16)
        .padStart(16, "0")
        .replace(/.(...)/, "-8$1-");
    }
    lastMs = nowMs;
    count = 0;
    before = nowMs.toString(16).padStart(12, "0").replace(/.{4}$/, "-$&-7");
  }
  return before + String(1_000 + count++).slice(1) + after;
};

/** Milliseconds since the epoch at which an id was made. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
