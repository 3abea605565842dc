import type { ComponentChildren, JSX } from "preact";
import "./panel.css";

interface PanelProps {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  /** How much of the grid it takes; default: one column. */
  readonly size?: "half" | "whole";
  readonly children: ComponentChildren;
}

/** A part of a dashboard. */
export const Panel = ({ title, aside, size, children }: PanelProps): JSX.Element => (
  <section class="panel card" data-size={size} aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
);

/** Bars in the place of what is not there yet. */
export const PanelSkeleton = ({ lines = 4 }: { readonly lines?: number }): JSX.Element => (
  <div class="panel-wait" aria-hidden="true">
    {Array.from({ length: lines }, (_, line) => (
      <span key={line} />
    ))}
  </div>
);
