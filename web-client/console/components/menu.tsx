import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./menu.css";

interface MenuProps {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A button that opens a panel below it. A click outside or Esc closes the panel. */
export const Menu = ({ title, children }: MenuProps): JSX.Element => {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const element = details.current;
      if (element?.open !== true) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        element.querySelector("summary")?.focus();
      } else if (event.target instanceof Node && element.contains(event.target)) return;
      element.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close, { capture: true });
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close, { capture: true });
    };
  }, []);
  return (
    <details class="menu" ref={details}>
      <summary class="button quiet">{title}</summary>
      <div class="menu-panel card">{children}</div>
    </details>
  );
};
