import type { ComponentChildren, JSX } from "preact";

interface PageHeaderProps {
  /** Kind of page, shown above the title. */
  readonly above: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

/** Title of a page, with optional actions next to it. */
export const PageHeader = ({ above, children, aside }: PageHeaderProps): JSX.Element => (
  <div class="page-head">
    <h1>
      <span class="page-head-above">{above}</span>
      {children}
    </h1>
    {aside}
  </div>
);
