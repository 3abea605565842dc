import { useRef } from "preact/hooks";
import { isTypingField } from "../../filter/search-box.tsx";
import type { LogFeed } from "./log-feed.ts";

interface LastResult {
  readonly shown: LogFeed | undefined;
  /** Whether `shown` belongs to an earlier filter. */
  readonly isStale: boolean;
}

/**
 * The feed to show: the last one that has logs, while the current one is loading, while the query is not valid, and while the
 * reader types the name of a field, which as a word finds nothing.
 */
export const useLastResult = (feed: LogFeed | undefined): LastResult => {
  const last = useRef<LogFeed>(undefined);
  const state = feed?.state.value;
  const isEmpty = feed?.rows.length === 0;
  const isPending =
    state === undefined || (isEmpty && state.failure === undefined && (state.isLoading || isTypingField.value));
  if (!isPending) last.current = feed;
  const isStale = isPending && last.current !== feed && (last.current?.rows.length ?? 0) > 0;
  return { shown: isStale ? last.current : feed, isStale };
};
