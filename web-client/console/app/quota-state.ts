/** How much of its quota an app has used today, and which events are rejected because of it. Pure. */
import type { AppUsage } from "#contract/store/usage.ts";
import { QUOTA_STEPS, QUOTA_WARNING_SHARE } from "#contract/wire/quota.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";

export interface QuotaState {
  /** Used share of the quota; 1 is all of it. */
  readonly share: number;
  readonly level: "ok" | "warning" | "over";
  /** Severities whose events are rejected now, in ascending order. */
  readonly refused: readonly Severity[];
  /** The next severities that will be rejected, and the share from which on. Absent when all are rejected. */
  readonly next?: { readonly share: number; readonly severities: readonly Severity[] };
}

/** `undefined` if the app has no quota of bytes. */
export const toQuotaState = ({ bytes, bytesPerDay }: AppUsage): QuotaState | undefined => {
  if (bytesPerDay === undefined || bytesPerDay <= 0) return undefined;
  const share = bytes / bytesPerDay;
  const refused = SEVERITIES.filter((severity) => share >= QUOTA_STEPS[severity]);
  const accepted = SEVERITIES.filter((severity) => share < QUOTA_STEPS[severity]);
  const nextShare = Math.min(...accepted.map((severity) => QUOTA_STEPS[severity]));
  return {
    share,
    level: refused.length > 0 ? "over" : share >= QUOTA_WARNING_SHARE ? "warning" : "ok",
    refused,
    ...(accepted.length > 0 && {
      next: { share: nextShare, severities: accepted.filter((severity) => QUOTA_STEPS[severity] === nextShare) },
    }),
  };
};
