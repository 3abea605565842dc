/**
 * Random mixes of two or three concurrent faults, reproducible by seed.
 */
import type { Fault } from "./faults.ts";

/** Random numbers in [0, 1), reproducible by seed (mulberry32). */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Combines concurrent faults; the effects are those of any of them. */
const combine = (faults: readonly Fault[]): Fault => ({
  name: faults.map(({ name }) => name).join(" + "),
  affects: faults.flatMap(({ affects }) => affects),
  breaksBroker: faults.some((fault) => fault.breaksBroker === true),
  breaksClientLink: faults.some((fault) => fault.breaksClientLink === true),
  breaksRelay: faults.some((fault) => fault.breaksRelay === true),
  async run(chaos, durationMs) {
    await Promise.all(faults.map((fault) => fault.run(chaos, durationMs)));
  },
});

/** Generates mixes of `faults`. The order of `faults` must not change between runs with one seed. */
export function* mixFaults(seed: number, faults: readonly Fault[]): Generator<Fault, never> {
  const random = createRandom(seed);
  for (;;) {
    const count = 2 + Math.floor(random() * 2);
    const picked: Fault[] = [];
    while (picked.length < count) {
      const fault = faults[Math.floor(random() * faults.length)];
      const taken = new Set(picked.flatMap(({ affects }) => affects));
      if (fault !== undefined && !fault.affects.some((each) => taken.has(each))) picked.push(fault);
    }
    yield combine(picked);
  }
}
