/**
 * The short version of `npm run abuse`: each attack lasts two seconds and must not break a bound.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startAbuseStack, type AbuseStack } from "./abuse-stack.ts";
import { ATTACKS } from "./attacks/all-attacks.ts";
import { drain, runAttack } from "./run-attack.ts";

const DURATION_MS = 2_000;

let abuse: AbuseStack;
beforeAll(async () => {
  abuse = await startAbuseStack();
  // The first event creates its index, which must not count as an effect of the first attack.
  await drain(abuse);
});
afterAll(() => abuse?.[Symbol.asyncDispose]());

it.each(ATTACKS.filter(({ isShort }) => isShort).map((attack, i) => ({ attack, name: attack.name, run: `t${i}` })))(
  "the attack $name breaks no bound",
  { timeout: 120_000 },
  async ({ attack, run }) => {
    expect(await runAttack(abuse, attack, run, DURATION_MS)).toMatchObject({ broken: [] });
  },
);
