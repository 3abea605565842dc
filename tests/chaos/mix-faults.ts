/**
 * Random mixes of two or three concurrent faults, reproducible by seed.
 */
import { createRandom } from "../support/random.ts";
import type { Fault } from "./faults.ts";

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
