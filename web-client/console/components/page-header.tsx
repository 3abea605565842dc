import type { ComponentChildren, JSX } from "preact";

interface PageHeaderProps {
  /** What it is a page of. */
  readonly above: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

/** The head of a page that is about one thing. */
export const PageHeader = ({ above, children, aside }: PageHeaderProps): JSX.Element => (
  <div class="page-head">
    <h1>
      <span class="page-head-above">{above}</span>
      {children}
    </h1>
    {aside}
  </div>
);
