import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { SearchHit } from "#contract/api/search.ts";
import { filter } from "../../address.ts";
import { readerToken } from "../../api/reader-token.ts";
import { useVisible } from "../../lib/use-visible.ts";
import { startTail, type MissedReason, type TailEvent, type TailState } from "../../live/start-tail.ts";
import type { LogFeed } from "./log-feed.ts";
import { createTailFilter } from "./tail-filter.ts";

/** Most rows that are added in one animation frame. */
const MAX_EVENTS_PER_FRAME = 40;
const MAX_PENDING = 400;

export const tailState = signal<TailState>("off");

const NONE_MISSED: Readonly<Record<MissedReason, number>> = { skipped: 0, undecoded: 0 };

/** Numbers of messages, and of logs that were skipped here, that were not shown live. Searches find those that are stored. */
export const missedCounts = signal(NONE_MISSED);

const addMissed = (count: number, reason: MissedReason): void => {
  const counts = missedCounts.value;
  missedCounts.value = { ...counts, [reason]: counts[reason] + count };
};

/**
 * Adds logs from the live tail to the feed, up to the rate that the page can show. A hidden page has no tail; the first poll
 * afterwards finds the logs that it missed.
 */
export const useTail = (feed: LogFeed | undefined, isLive: boolean): void => {
  const token = readerToken.value;
  const isVisible = useVisible();
  const matches = useMemo(() => createTailFilter(filter.value), [filter.value]);
  const latest = useRef({ feed, matches });
  latest.current = { feed, matches };

  useEffect(() => {
    if (!isLive || !isVisible || token === undefined) return undefined;
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
      // A match cannot be predicted: polling finds these logs.
      if (matches === undefined) return;
      for (const { id, document: log } of events) {
        if (id !== undefined && matches(log)) pending.push({ id, document: log });
      }
      const surplus = pending.length - MAX_PENDING;
      if (surplus > 0) {
        pending = pending.slice(surplus);
        addMissed(surplus, "skipped");
      }
      if (pending.length > 0 && frame === 0) frame = requestAnimationFrame(show);
    };
    const tail = startTail({
      token,
      onEvents,
      onMissed: addMissed,
      onState: (state) => (tailState.value = state),
    });
    return () => {
      tail.stop();
      cancelAnimationFrame(frame);
      tailState.value = "off";
      missedCounts.value = NONE_MISSED;
    };
  }, [isLive, isVisible, token]);
};
