import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { SearchHit } from "#contract/api/search.ts";
import { filter } from "../../address.ts";
import { readerToken } from "../../api/reader-token.ts";
import { startTail, type TailEvent, type TailState } from "../../live/start-tail.ts";
import type { LogFeed } from "./log-feed.ts";
import { createTailFilter } from "./tail-filter.ts";

/** Rows that one frame of the screen takes at the most. */
const MAX_EVENTS_PER_FRAME = 40;
const MAX_WAITING = 400;

export const tailState = signal<TailState>("off");
/** Messages and logs that were too many to be shown as they passed; the store has them. */
export const skipped = signal(0);

/** Shows logs as they pass the broker, as many as the page can follow. */
export const useTail = (feed: LogFeed | undefined, isLive: boolean): void => {
  const token = readerToken.value;
  const test = useMemo(() => createTailFilter(filter.value), [filter.value]);
  const latest = useRef({ feed, test });
  latest.current = { feed, test };

  useEffect(() => {
    if (!isLive || token === undefined) return undefined;
    let waiting: SearchHit[] = [];
    let frame = 0;
    const show = (): void => {
      frame = 0;
      const { feed, test } = latest.current;
      const shown = waiting.splice(0, MAX_EVENTS_PER_FRAME);
      if (test) feed?.arrive(shown.filter(({ document }) => test(document)));
      if (waiting.length > 0) frame = requestAnimationFrame(show);
    };
    const onEvents = (events: readonly TailEvent[]): void => {
      const { test } = latest.current;
      // Nobody looks, or nobody can tell: the store is asked anyway.
      if (document.hidden || test === undefined) return;
      for (const { id, document: log } of events) {
        if (id !== undefined && test(log)) waiting.push({ id, document: log });
      }
      const surplus = waiting.length - MAX_WAITING;
      if (surplus > 0) {
        waiting = waiting.slice(surplus);
        skipped.value += surplus;
      }
      if (waiting.length > 0 && frame === 0) frame = requestAnimationFrame(show);
    };
    const tail = startTail({
      token,
      onEvents,
      onMissed: (messages) => (skipped.value += messages),
      onState: (state) => (tailState.value = state),
    });
    return () => {
      tail.stop();
      cancelAnimationFrame(frame);
      tailState.value = "off";
      skipped.value = 0;
    };
  }, [isLive, token]);
};
