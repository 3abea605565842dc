import type { JSX } from "preact";
import { QUOTA_WARNING_SHARE } from "#contract/wire/quota.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { QuotaState } from "./quota-state.ts";

const listFormat = new Intl.ListFormat("en", { type: "conjunction" });
const list = (severities: readonly Severity[]): string => listFormat.format(severities);
const toPercent = (share: number): string => `${Math.round(share * 100)}%`;

/** Describes which severities are rejected now, and which ones are next. */
const describe = ({ level, refused, next }: QuotaState): string | undefined => {
  const preview = next && `From ${toPercent(next.share)}, events of severity ${list(next.severities)} are rejected`;
  switch (level) {
    case "ok":
      return undefined;
    case "warning":
      return `At least ${toPercent(QUOTA_WARNING_SHARE)} of the quota is used. ${preview}.`;
    case "over":
      return preview === undefined
        ? "Over quota: all events are rejected until 00:00 UTC."
        : `Over quota: events of severity ${list(refused)} are rejected until 00:00 UTC. ${preview}, too.`;
  }
};

/** Bar with the used share of a quota, and a warning from 80 % on. */
export const QuotaBar = ({ state }: { readonly state: QuotaState }): JSX.Element => {
  const text = describe(state);
  return (
    <>
      <div
        class="quota-bar"
        data-level={state.level}
        role="meter"
        aria-label="Used quota of bytes today"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(Math.round(state.share * 100), 100)}
        aria-valuetext={toPercent(state.share)}
      >
        <span style={{ width: `${Math.min(state.share, 1) * 100}%` }} />
      </div>
      {text !== undefined && (
        <p class="quota-text" data-level={state.level} role="status">
          {text}
        </p>
      )}
    </>
  );
};
