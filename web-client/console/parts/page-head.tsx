import type { ComponentChildren, JSX } from "preact";

interface PageHeadProps {
  /** What it is a page of. */
  readonly above: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}

/** The head of a page that is about one thing. */
export const PageHead = ({ above, children, aside }: PageHeadProps): JSX.Element => (
  <div class="page-head">
    <h1>
      <span class="page-head-above">{above}</span>
      {children}
    </h1>
    {aside}
  </div>
);
