/**
 * Logs how many events were dropped, so that readers of the logs can see that some are missing.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Severity } from "#contract/wire/severity.ts";

/** Reasons that the page itself decides on are not reported. */
const UNREPORTED_REASONS: readonly string[] = ["before_send", "consent", "closed"];

/** Returns a function that logs the drops since its last call, if there are any. */
export const createDropReport = (
  dropped: () => Readonly<Record<string, number>>,
  log: (severity: Severity, body: string, attributes: Attributes) => void,
): (() => void) => {
  const reported: Record<string, number> = {};
  return () => {
    const attributes: Record<string, number> = {};
    for (const [reason, count] of Object.entries(dropped())) {
      const more = count - (reported[reason] ?? 0);
      if (more > 0 && !UNREPORTED_REASONS.includes(reason)) attributes[`edgelog.dropped.${reason}`] = more;
      reported[reason] = count;
    }
    if (Object.keys(attributes).length === 0) return;
    log("warn", "Logs were dropped before they were sent", attributes);
  };
};
