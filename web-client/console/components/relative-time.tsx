import type { JSX } from "preact";
import { timeFormats, now, formatRelativeTime } from "../lib/format-time.ts";

/** A relative time such as "3 min. ago", with the full time in the tooltip. `time` is RFC 3339. */
export const RelativeTime = ({ time }: { readonly time: string }): JSX.Element => {
  const ms = Date.parse(time);
  return (
    <time dateTime={time} title={timeFormats.value.full.format(ms)}>
      {formatRelativeTime(ms, now.value)}
    </time>
  );
};
