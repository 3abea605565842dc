/**
 * `npm run abuse`: runs each attack of one app while another app, the victim, sends events, and measures what the victim
 * and the operator notice.
 *
 *   npm run abuse -- --short        the short list, two seconds per attack
 *   npm run abuse -- --only flood   attacks with this text in their name; can be repeated
 *   npm run abuse -- --json         one JSON object per row
 *
 * Exits with 1 when a bound is broken.
 */
import { parseArgs } from "node:util";
import { startAbuseStack } from "./abuse-stack.ts";
import { ATTACKS } from "./attacks/all-attacks.ts";
import { formatRow, HEAD, toExitCode, type Row } from "./row.ts";
import { drain, runAttack, warmUp } from "./run-attack.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [""] },
  },
});

const DURATION_MS = values.short ? 2_000 : 8_000;

const print = (text: string): void => {
  if (!values.json) console.log(text);
};

const attacks = ATTACKS.filter(
  ({ name, isShort }) => values.only.some((text) => name.includes(text)) && (!values.short || isShort === true),
);
const rows: Row[] = [];
print(HEAD);
let abuse = await startAbuseStack();
try {
  await warmUp(abuse);
  for (const attack of attacks) {
    const row = await runAttack(abuse, attack, `r${rows.length}`, DURATION_MS);
    rows.push(row);
    console.log(values.json ? JSON.stringify(row) : formatRow(row));
    abuse.keepsHome ||= row.broken.length > 0;
    if (attack === attacks.at(-1) || (await drain(abuse))) continue;
    print(`The stack does not recover and is replaced. Its logs: ${abuse.home}/logs`);
    await abuse[Symbol.asyncDispose]();
    abuse = await startAbuseStack();
    await warmUp(abuse);
  }
} finally {
  await abuse[Symbol.asyncDispose]();
}
const broken = rows.filter((row) => row.broken.length > 0);
if (abuse.keepsHome) print(`Logs of all services: ${abuse.home}/logs`);
print(broken.length === 0 ? `All bounds hold in ${rows.length} rows.` : `${broken.length} rows break a bound.`);
process.exit(toExitCode(rows));
