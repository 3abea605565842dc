import type { ComponentChildren, JSX } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Stands in the place of what is not there: empty, failed, signed out. */
export const Notice = ({ title, children }: NoticeProps): JSX.Element => (
  <div class="notice">
    <h2>{title}</h2>
    {children}
  </div>
);
