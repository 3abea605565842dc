/**
 * The answer to a question, as a component's state: asked when the question changes, and again and again if wanted.
 */
import { useEffect, useState } from "preact/hooks";
import { backoffMs } from "../../logger/send/backoff.ts";
import { requestJson, isFinalStatus, type RequestResult } from "./request.ts";

type Failure = Extract<RequestResult<never>, { state: "failed" }>;

/** `answer` stays while the next one is awaited; `isStale` says that it answers another question than the present one. */
export interface FetchState<Answer> {
  readonly answer: Answer | undefined;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  /** Why the last try failed; it is tried again by itself. */
  readonly failure: Failure | undefined;
  /** Asks now. */
  reload(): void;
}

export interface UseFetchOptions {
  /** Asks again so long after each answer, while the page is seen. */
  readonly refreshMs?: number | undefined;
}

/** The least, so that a page does not ask all the time, and what is added at random at first. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

interface State<Answer> {
  readonly path: string | undefined;
  readonly answer?: Answer;
  readonly failure?: Failure;
  readonly isLoading: boolean;
}

/** Asks `path` with its parameters; `undefined` asks nothing. */
export const useFetch = <Answer>(path: string | undefined, { refreshMs }: UseFetchOptions = {}): FetchState<Answer> => {
  const [state, setState] = useState<State<Answer>>({ path: undefined, isLoading: true });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const run = async (): Promise<void> => {
      setState((before) => ({ ...before, isLoading: true }));
      const outcome = await requestJson<Answer>(path, { signal });
      if (signal.aborted) return;
      if (outcome.state === "ok") {
        failures = 0;
        setState({ path, answer: outcome.answer, isLoading: false });
      } else if (outcome.state === "failed") {
        failures += 1;
        setState((before) => ({ ...before, failure: outcome, isLoading: false }));
        if (outcome.status !== undefined && isFinalStatus(outcome.status)) return;
      }
      const pause = failures > 0 ? RETRY_MS + backoffMs(failures, RETRY_MS, MAX_RETRY_MS) : refreshMs;
      if (pause !== undefined && !document.hidden) timer = setTimeout(start, pause);
    };
    const start = (): void => {
      clearTimeout(timer);
      run().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    };
    const onVisible = (): void => {
      if (!document.hidden && (refreshMs !== undefined || failures > 0)) start();
    };
    document.addEventListener("visibilitychange", onVisible);
    start();
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [path, refreshMs, turn]);

  return {
    answer: state.answer,
    isLoading: state.isLoading,
    isStale: state.path !== path,
    failure: state.failure,
    reload: () => setTurn((before) => before + 1),
  };
};
