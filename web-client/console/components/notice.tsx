import type { ComponentChildren, JSX } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly size?: "wide";
  readonly children?: ComponentChildren;
}

/** A full-page message for an empty, failed or signed-out state. */
export const Notice = ({ title, size, children }: NoticeProps): JSX.Element => (
  <div class="notice" data-size={size}>
    <h2>{title}</h2>
    {children}
  </div>
);
