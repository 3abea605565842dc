import { useEffect, useRef, useState } from "preact/hooks";
import type { SearchHit } from "../../../contract/search.ts";
import { readTimeline } from "./read-timeline.ts";

export interface Timeline {
  /** `undefined`: not there yet. */
  readonly hits: readonly SearchHit[] | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly failure: { readonly message: string } | undefined;
  /** Reads the next page. */
  readMore(): void;
}

type State = Omit<Timeline, "readMore">;

const START: State = { hits: undefined, hasMore: true, isLoading: true, failure: undefined };

/** A session's logs, page by page. It is for one session: give the component that uses it a key. */
export const useTimeline = (session: string): Timeline => {
  const [state, setState] = useState(START);
  const controller = useRef(new AbortController());

  const read = async (before: readonly SearchHit[]): Promise<void> => {
    setState((state) => ({ ...state, isLoading: true, failure: undefined }));
    const { signal } = controller.current;
    const outcome = await readTimeline(session, before.at(-1), signal);
    if (signal.aborted) return;
    if (outcome.state === "found") {
      const { hits, hasMore } = outcome.answer;
      setState({ hits: [...before, ...hits], hasMore, isLoading: false, failure: undefined });
    } else {
      const failure = outcome.state === "failed" ? outcome : undefined;
      setState((state) => ({ ...state, isLoading: false, failure }));
    }
  };
  const start = (before: readonly SearchHit[]): void => {
    const { signal } = controller.current;
    read(before).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  useEffect(() => {
    controller.current = new AbortController();
    start([]);
    return () => controller.current.abort();
  }, []);
  return { ...state, readMore: () => start(state.hits ?? []) };
};
