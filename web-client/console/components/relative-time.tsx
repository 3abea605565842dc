import type { JSX } from "preact";
import { timeFormats, now, formatRelativeTime } from "../lib/format-time.ts";

/** How long ago it was, from RFC 3339; the exact time on demand. */
export const RelativeTime = ({ time }: { readonly time: string }): JSX.Element => {
  const ms = Date.parse(time);
  return (
    <time dateTime={time} title={timeFormats.value.full.format(ms)}>
      {formatRelativeTime(ms, now.value)}
    </time>
  );
};
