/**
 * The short version of `npm run chaos`: each fault for two seconds, and every guarantee held.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startChaosStack, type ChaosStack } from "./chaos-stack.ts";
import { FAULTS } from "./faults.ts";
import { runFault } from "./run-fault.ts";

const HOLD_MS = 2_000;

let line: ChaosStack;
beforeAll(async () => {
  line = await startChaosStack();
});
afterAll(() => line?.[Symbol.asyncDispose]());

it.each(FAULTS.filter(({ isShort }) => isShort).map((fault, i) => ({ fault, name: fault.name, run: `t${i}` })))(
  "$name: nothing is lost or doubled that must not be",
  { timeout: 240_000 },
  async ({ fault, run }) => {
    const rows = await runFault(line, fault, run, HOLD_MS);
    expect(rows.every(({ handedOver }) => handedOver > 0)).toBe(true);
    expect(rows.filter(({ broken }) => broken !== "")).toEqual([]);
  },
);
