import type { JSX } from "preact";
import { formats, toDistance } from "./times.ts";

interface WhenProps {
  /** RFC 3339, or milliseconds since 1970. */
  readonly time: string | number;
  /** As a distance from now; the exact time stands in the tooltip. */
  readonly isDistance?: boolean;
}

/** A moment, exact to the millisecond. */
export const When = ({ time, isDistance = false }: WhenProps): JSX.Element => {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return <span>–</span>;
  const { dayClock, full } = formats.value;
  return (
    <time dateTime={date.toISOString()} title={full.format(date)}>
      {isDistance ? toDistance(date.getTime()) : dayClock.format(date)}
    </time>
  );
};
