import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";

/** A severity in its colour. `severity` comes from a log and may be any value. */
export const SeverityBadge = ({ severity }: { readonly severity: unknown }): JSX.Element => {
  const name = visibleText(String(severity), 10);
  return (
    <span class="severity" data-severity={name}>
      {name}
    </span>
  );
};
