/** The last line of the doctor's report, if no check failed. */
import { pluralize } from "#contract/wire/quantity.ts";
import type { Finding } from "../lib/finding.ts";
import type { DoctorTarget } from "./target.ts";

export const summarize = (findings: readonly Finding[], target: DoctorTarget): string => {
  const skipped = findings.filter(({ result }) => result === "skipped").length;
  if (skipped === 0) return "No problem found.";
  const missing = [
    ...(target.credentials === undefined ? ["EDGELOG_APP and EDGELOG_KEY"] : []),
    ...(target.readerToken === undefined ? ["EDGELOG_READER_TOKEN"] : []),
    ...(target.relay === undefined ? ["RELAY_URL"] : []),
    ...(target.brokers.length === 0 ? ["--broker URL"] : []),
  ];
  const advice = missing.length === 0 ? ", see above" : `: pass ${missing.join(", ")} to run them`;
  return `${pluralize(skipped, "check")} skipped${advice}. The other checks found no problem.`;
};
