import type { ComponentChildren, JSX } from "preact";
import { navigate, toHref, withChange, type AddressChange } from "../address.ts";

interface LinkProps {
  readonly to: AddressChange;
  readonly class?: string;
  readonly isCurrent?: boolean;
  /** Whether what it opens is open; absent for a link that leads away. */
  readonly isExpanded?: boolean | undefined;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A link inside the console: a real one, so that it can be opened in another tab. */
export const Link = ({ to, isCurrent, isExpanded, children, ...rest }: LinkProps): JSX.Element => (
  <a
    {...rest}
    href={toHref(withChange(to))}
    aria-current={isCurrent ? "page" : undefined}
    aria-expanded={isExpanded}
    onClick={(event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      navigate(to);
    }}
  >
    {children}
  </a>
);
