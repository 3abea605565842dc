import type { JSX } from "preact";
import { formats, now, toDistance } from "./times.ts";

/** How long ago it was, from RFC 3339; the exact time on demand. */
export const Ago = ({ time }: { readonly time: string }): JSX.Element => {
  const ms = Date.parse(time);
  return (
    <time dateTime={time} title={formats.value.full.format(ms)}>
      {toDistance(ms, now.value)}
    </time>
  );
};
