import type { ComponentChildren, JSX } from "preact";
import { navigate, toHref, withChange, type AddressChange } from "../address.ts";

interface LinkProps {
  readonly to: AddressChange;
  readonly class?: string;
  readonly isCurrent?: boolean;
  /** For links that expand a section: whether it is expanded. */
  readonly isExpanded?: boolean | undefined;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A link within the console, with a real `href` so that it can be opened in a new tab. */
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
