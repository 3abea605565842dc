/** A list that is loaded page by page, as a component's state. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { RequestResult } from "./request.ts";

/** One page of a list. `next` is the cursor of the following page; absent on the last page. */
export interface Page<Hit, Next> {
  readonly hits: readonly Hit[];
  readonly next?: Next | undefined;
}

export interface Pages<Hit> {
  /** All loaded pages; `undefined` until the first one is loaded. */
  readonly hits: readonly Hit[] | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly failure: { readonly message: string } | undefined;
  /** Loads the next page, or retries the page that failed. Does nothing after the last page. */
  readMore(): void;
}

interface State<Hit, Next> extends Omit<Pages<Hit>, "readMore" | "hasMore"> {
  readonly next: Next | undefined;
}

/** Loads pages with `read`. A component that switches to another list needs another `key`. */
export const usePages = <Hit, Next>(
  read: (next: Next | undefined, signal: AbortSignal) => Promise<RequestResult<Page<Hit, Next>>>,
): Pages<Hit> => {
  const [state, setState] = useState<State<Hit, Next>>({
    hits: undefined,
    next: undefined,
    isLoading: true,
    failure: undefined,
  });
  const controller = useRef(new AbortController());

  const run = async (before: readonly Hit[], at: Next | undefined): Promise<void> => {
    const { signal } = controller.current;
    setState((state) => ({ ...state, isLoading: true, failure: undefined }));
    const outcome = await read(at, signal);
    if (signal.aborted) return;
    if (outcome.state === "ok") {
      const { hits, next } = outcome.answer;
      setState({ hits: [...before, ...hits], next, isLoading: false, failure: undefined });
    } else {
      setState((state) => ({
        ...state,
        isLoading: false,
        failure: outcome.state === "failed" ? outcome : undefined,
      }));
    }
  };
  const start = (before: readonly Hit[], at: Next | undefined): void => {
    const { signal } = controller.current;
    run(before, at).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  useEffect(() => {
    controller.current = new AbortController();
    start([], undefined);
    return () => controller.current.abort();
  }, []);
  const { hits, next, isLoading, failure } = state;
  const hasMore = next !== undefined;
  const readMore = (): void => {
    if (hits === undefined || hasMore) start(hits ?? [], next);
  };
  return { hits, hasMore, isLoading, failure, readMore };
};
