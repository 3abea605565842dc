/**
 * UUIDv7 (RFC 9562, 6.2 methods 1 and 3): milliseconds, a counter in rand_a, and one random number for the page in
 * rand_b. The ids of one page are in the order of the calls. The `uuid` package costs 1.3 KB more, and a random number
 * for each event.
 */
const MAX_COUNT = 0xfff;
const CLOCK_SET_BACK_MS = 10_000;

let lastMs = 0;
let count = 0;
let tail = "";

const hex = (value: number, length: number): string => value.toString(16).padStart(length, "0");

/** An id that no other page makes, later in order than the one before. */
export const newId = (): string => {
  const nowMs = Date.now();
  // A clock set back begins a new sequence: the old one's ids must not come again.
  if (!tail || nowMs < lastMs - CLOCK_SET_BACK_MS) {
    const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
    tail = `-${hex(0x8000 | (a >>> 18), 4)}-${hex(a & 0xffff, 4)}${hex(b, 8)}`;
    lastMs = 0;
  }
  count = nowMs > lastMs ? 0 : (count + 1) & MAX_COUNT;
  if (!count) lastMs = Math.max(nowMs, lastMs + 1);
  const time = hex(lastMs, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(count, 3)}${tail}`;
};
