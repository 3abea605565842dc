import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

interface VirtualRowsOptions {
  readonly count: number;
  /** Height of each row in CSS pixels. */
  readonly rowHeight: number;
  /** Height of the sticky header in CSS pixels. */
  readonly headHeight: number;
  readonly scroller: RefObject<HTMLElement | null>;
}

/** Computes which rows are visible, with TanStack Virtual. */
export const useVirtualRows = ({
  count,
  rowHeight,
  headHeight,
  scroller,
}: VirtualRowsOptions): Virtualizer<HTMLElement, HTMLElement> => {
  const [, render] = useState(0);
  const options = {
    count,
    estimateSize: () => rowHeight,
    getScrollElement: () => scroller.current,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 12,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    onChange: () => render((count) => count + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
};
