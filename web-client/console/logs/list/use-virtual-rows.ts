import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

interface VirtualRowsOptions {
  readonly count: number;
  /** CSS pixels, of each row. */
  readonly rowHeight: number;
  /** CSS pixels of what stands above the first row and stays there. */
  readonly headHeight: number;
  readonly scroller: RefObject<HTMLElement | null>;
}

/** Which rows are on the screen. */
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
    onChange: () => render((turn) => turn + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return virtualizer;
};
