import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address, filter } from "../../address.ts";
import { formatCount } from "../../lib/format-number.ts";
import { isInCurrentYear } from "../../lib/format-time.ts";
import { useReader } from "../../lib/use-reader.ts";
import { PHONE_QUERY, useMedia } from "../../lib/use-media.ts";
import type { LogFeed } from "../feed/log-feed.ts";
import type { LogRow } from "../feed/log-row.ts";
import { selectedKey } from "../selection.ts";
import { ListHead } from "./list-head.tsx";
import { LogLine, toLineId } from "./log-line.tsx";
import { useVirtualRows } from "./use-virtual-rows.ts";
import "./log-list.css";

interface LogListProps {
  readonly feed: LogFeed;
  /** Whether the logs belong to an earlier filter. */
  readonly isStale: boolean;
  /** Whether the detail panel is open. When it closes with the focus inside, the list gets the focus. */
  readonly isDetailOpen: boolean;
  readonly onOpen: (row: LogRow) => void;
}

/** Heights in CSS pixels; repeated in log-list.css. */
const ROW_HEIGHT = 30;
const PHONE_ROW_HEIGHT = 54;
/** On a phone the extra columns have a separate line. */
const PHONE_CELLS_HEIGHT = 21;
const HEAD_HEIGHT = 30;
/** The next page is loaded when fewer rows than this are left below. */
const ROWS_AHEAD = 150;
/** Up to this scroll position the list counts as scrolled to the top. */
const TOP_PX = 8;

const countApps = (rows: readonly LogRow[]): number =>
  new Set(rows.slice(0, 500).map(({ document }) => document.edgelog?.app)).size;

/** Virtualized list of logs: only visible rows are in the document. */
export const LogList = ({ feed, isStale, isDetailOpen, onOpen }: LogListProps): JSX.Element => {
  const scroller = useRef<HTMLDivElement>(null);
  const slots = useRef(0);
  const isPhone = useMedia(PHONE_QUERY);
  const { rows } = feed;
  const { held, hasMore, isLoadingMore, version } = feed.state.value;
  const { columns } = address.value;
  const headHeight = isPhone ? 0 : HEAD_HEIGHT;
  const virtual = useVirtualRows({
    count: rows.length,
    rowHeight: isPhone ? PHONE_ROW_HEIGHT + (columns.length > 0 ? PHONE_CELLS_HEIGHT : 0) : ROW_HEIGHT,
    headHeight,
    scroller,
  });
  const items = virtual.getVirtualItems();
  // Rows that scroll into view reuse the elements of rows that scrolled out.
  slots.current = Math.max(slots.current, items.length);
  const lastShown = items.at(-1)?.index ?? 0;
  const selected = selectedKey.value;
  const selectedIndex = selected === "" ? -1 : rows.findIndex(({ key }) => key === selected);
  // The column depends on the token and not on the rows, which change while the reader types.
  const readableApps = useReader()?.apps.length ?? countApps(rows);
  const hasYear = [rows[0], rows.at(-1)].some((row) => row !== undefined && !isInCurrentYear(row.ms));
  const hasApp = !/^[^,]+$/.test(filter.value.app) && readableApps > 1;

  useEffect(() => {
    if (hasMore && lastShown > rows.length - ROWS_AHEAD) void feed.loadMore();
  }, [feed, hasMore, lastShown, version]);
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
  }, [feed]);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: "auto" });
  }, [selected]);

  useEffect(() => {
    if (!isDetailOpen) return undefined;
    return () => {
      if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
    };
  }, [isDetailOpen]);

  const toTop = (): void => {
    scroller.current?.scrollTo(0, 0);
    feed.isScrolledDown = false;
    scroller.current?.focus();
  };
  return (
    <div class="log-list">
      {held > 0 && (
        <button class="log-pill" type="button" onClick={toTop}>
          ↑ {formatCount(held)}
          {held >= 1_000 && "+"} new {held === 1 ? "log" : "logs"}
        </button>
      )}
      <div
        class="log-scroller"
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label="Logs, newest first"
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-activedescendant={items.some(({ index }) => index === selectedIndex) ? toLineId(selectedIndex) : undefined}
        data-app={hasApp}
        data-year={hasYear}
        data-stale={isStale}
        aria-busy={isStale}
        style={{ "--columns": String(columns.length) }}
        onScroll={({ currentTarget: { scrollTop } }) => (feed.isScrolledDown = scrollTop > TOP_PX)}
      >
        <ListHead columns={columns} hasApp={hasApp} />
        <div class="log-rows" role="rowgroup" style={{ height: `${virtual.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <LogLine
                key={index % slots.current}
                row={row}
                index={index}
                top={start - headHeight}
                columns={columns}
                hasApp={hasApp}
                isSelected={index === selectedIndex}
                onOpen={onOpen}
              />
            );
          })}
        </div>
        {isLoadingMore && <p class="log-more muted small">Loading older logs…</p>}
      </div>
    </div>
  );
};
