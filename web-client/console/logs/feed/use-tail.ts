import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { SearchHit } from "#contract/api/search.ts";
import { filter } from "../../address.ts";
import { readerToken } from "../../api/reader-token.ts";
import { startTail, type TailEvent, type TailState } from "../../live/start-tail.ts";
import type { LogFeed } from "./log-feed.ts";
import { createTailFilter } from "./tail-filter.ts";

/** Most rows that are added in one animation frame. */
const MAX_EVENTS_PER_FRAME = 40;
const MAX_PENDING = 400;

export const tailState = signal<TailState>("off");
/** Number of messages and logs that were not shown live because there were too many. They are stored. */
export const skippedCount = signal(0);

/** Adds logs from the live tail to the feed, up to the rate that the page can show. */
export const useTail = (feed: LogFeed | undefined, isLive: boolean): void => {
  const token = readerToken.value;
  const matches = useMemo(() => createTailFilter(filter.value), [filter.value]);
  const latest = useRef({ feed, matches });
  latest.current = { feed, matches };

  useEffect(() => {
    if (!isLive || token === undefined) return undefined;
    let pending: SearchHit[] = [];
    let frame = 0;
    const show = (): void => {
      frame = 0;
      const { feed, matches } = latest.current;
      const shown = pending.splice(0, MAX_EVENTS_PER_FRAME);
      if (matches) feed?.addLive(shown.filter(({ document }) => matches(document)));
      if (pending.length > 0) frame = requestAnimationFrame(show);
    };
    const onEvents = (events: readonly TailEvent[]): void => {
      const { matches } = latest.current;
      // The page is hidden, or a match cannot be predicted: polling finds these logs.
      if (document.hidden || matches === undefined) return;
      for (const { id, document: log } of events) {
        if (id !== undefined && matches(log)) pending.push({ id, document: log });
      }
      const surplus = pending.length - MAX_PENDING;
      if (surplus > 0) {
        pending = pending.slice(surplus);
        skippedCount.value += surplus;
      }
      if (pending.length > 0 && frame === 0) frame = requestAnimationFrame(show);
    };
    const tail = startTail({
      token,
      onEvents,
      onMissed: (messages) => (skippedCount.value += messages),
      onState: (state) => (tailState.value = state),
    });
    return () => {
      tail.stop();
      cancelAnimationFrame(frame);
      tailState.value = "off";
      skippedCount.value = 0;
    };
  }, [isLive, token]);
};
