/**
 * Random mixes of two or three faults at once, the same for the same seed.
 */
import type { Fault } from "./faults.ts";

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Faults that strike together; it breaks what any of them breaks. */
const combine = (faults: readonly Fault[]): Fault => ({
  name: faults.map(({ name }) => name).join(" + "),
  touches: faults.flatMap(({ touches }) => touches),
  breaksBroker: faults.some((fault) => fault.breaksBroker === true),
  breaksClientLink: faults.some((fault) => fault.breaksClientLink === true),
  breaksRelay: faults.some((fault) => fault.breaksRelay === true),
  async run(line, holdMs) {
    await Promise.all(faults.map((fault) => fault.run(line, holdMs)));
  },
});

/** `faults` without the one that does nothing, in an order that stays. */
export function* mixFaults(seed: number, faults: readonly Fault[]): Generator<Fault, never> {
  const random = createRandom(seed);
  for (;;) {
    const count = 2 + Math.floor(random() * 2);
    const picked: Fault[] = [];
    while (picked.length < count) {
      const fault = faults[Math.floor(random() * faults.length)];
      const taken = new Set(picked.flatMap(({ touches }) => touches));
      if (fault !== undefined && !fault.touches.some((service) => taken.has(service))) picked.push(fault);
    }
    yield combine(picked);
  }
}
