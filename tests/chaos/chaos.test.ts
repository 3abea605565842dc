/**
 * The short version of `npm run chaos`: each fault lasts two seconds and must not violate a guarantee.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startChaosStack, type ChaosStack } from "./chaos-stack.ts";
import { FAULTS } from "./faults.ts";
import { runFault } from "./run-fault.ts";

const DURATION_MS = 2_000;

let chaos: ChaosStack;
beforeAll(async () => {
  chaos = await startChaosStack();
});
afterAll(() => chaos?.[Symbol.asyncDispose]());

it.each(FAULTS.filter(({ isShort }) => isShort).map((fault, i) => ({ fault, name: fault.name, run: `t${i}` })))(
  "the fault $name violates no guarantee",
  { timeout: 240_000 },
  async ({ fault, run }) => {
    const rows = await runFault(chaos, fault, run, DURATION_MS);
    expect(rows.every(({ sent }) => sent > 0)).toBe(true);
    expect(rows.filter(({ broken }) => broken !== "")).toEqual([]);
  },
);
