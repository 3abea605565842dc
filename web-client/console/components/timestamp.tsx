import type { JSX } from "preact";
import { timeFormats, areTimesRelative, now, formatRelativeTime } from "../lib/format-time.ts";

interface TimestampProps {
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly class?: string;
  /** Never as a distance. */
  readonly isExact?: boolean;
}

/** A time in the reader's way of writing it; the whole of it on demand. */
export const Timestamp = ({ ms, class: name, isExact = false }: TimestampProps): JSX.Element => {
  if (Number.isNaN(ms)) return <span class={name}>—</span>;
  const { dayClock, full } = timeFormats.value;
  const text = areTimesRelative.value && !isExact ? formatRelativeTime(ms, now.value) : dayClock.format(ms);
  return (
    <time class={name} dateTime={new Date(ms).toISOString()} title={`${full.format(ms)} · ${formatRelativeTime(ms)}`}>
      {text}
    </time>
  );
};
