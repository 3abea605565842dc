import type { ComponentChildren, JSX } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** A full-page message for an empty, failed or signed-out state. */
export const Notice = ({ title, children }: NoticeProps): JSX.Element => (
  <div class="notice">
    <h2>{title}</h2>
    {children}
  </div>
);
