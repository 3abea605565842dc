import type { JSX } from "preact";
import { formats, isRelative, now, toDistance } from "./times.ts";

interface MomentProps {
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly class?: string;
  /** Never as a distance. */
  readonly isExact?: boolean;
}

/** A time in the reader's way of writing it; the whole of it on demand. */
export const Moment = ({ ms, class: name, isExact = false }: MomentProps): JSX.Element => {
  if (Number.isNaN(ms)) return <span class={name}>—</span>;
  const { dayClock, full } = formats.value;
  const text = isRelative.value && !isExact ? toDistance(ms, now.value) : dayClock.format(ms);
  return (
    <time class={name} dateTime={new Date(ms).toISOString()} title={`${full.format(ms)} · ${toDistance(ms)}`}>
      {text}
    </time>
  );
};
