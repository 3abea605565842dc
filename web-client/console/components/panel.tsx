import type { ComponentChildren, JSX } from "preact";
import "./panel.css";

interface PanelProps {
  readonly title: string;
  /** Content next to the title. */
  readonly aside?: ComponentChildren;
  /** Width of the panel in the grid. Default: a third. */
  readonly size?: "half" | "whole";
  readonly children: ComponentChildren;
}

/** A section of a dashboard. */
export const Panel = ({ title, aside, size, children }: PanelProps): JSX.Element => (
  <section class="panel card" data-size={size} aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
);

/** Placeholder bars while a panel loads. */
export const PanelSkeleton = ({ lines = 4 }: { readonly lines?: number }): JSX.Element => (
  <div class="panel-skeleton" aria-hidden="true">
    {Array.from({ length: lines }, (_, line) => (
      <span key={line} />
    ))}
  </div>
);
