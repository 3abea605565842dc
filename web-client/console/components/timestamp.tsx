import type { JSX } from "preact";
import { timeFormats, areTimesRelative, now, formatDayClock, formatRelativeTime } from "../lib/format-time.ts";

interface TimestampProps {
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly class?: string;
  /** Always absolute, even if the reader prefers relative times. */
  readonly isExact?: boolean;
}

/** A time in the reader's preferred format, with the full time in the tooltip. */
export const Timestamp = ({ ms, class: name, isExact = false }: TimestampProps): JSX.Element => {
  if (Number.isNaN(ms)) return <span class={name}>—</span>;
  const { full } = timeFormats.value;
  const text = areTimesRelative.value && !isExact ? formatRelativeTime(ms, now.value) : formatDayClock(ms);
  return (
    <time class={name} dateTime={new Date(ms).toISOString()} title={`${full.format(ms)} · ${formatRelativeTime(ms)}`}>
      {text}
    </time>
  );
};
