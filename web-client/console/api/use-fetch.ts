/** A GET request as a component's state: sent when its path changes, retried after a failure and optionally repeated. */
import { useEffect, useState } from "preact/hooks";
import { requestJson, isFinalStatus, toRetryMs, type RequestResult } from "./request.ts";

type Failure = Extract<RequestResult<never>, { state: "failed" }>;

/** `answer` stays available while the next request runs. `isStale`: `answer` belongs to an earlier path. */
export interface FetchState<Answer> {
  readonly answer: Answer | undefined;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  /** Failure of the last attempt. It is retried automatically, with a final status only if the request is repeated. */
  readonly failure: Failure | undefined;
  /** Sends the request again now. */
  reload(): void;
}

export interface UseFetchOptions {
  /** Repeats the request this many milliseconds after each response, while the page is visible. Default: never. */
  readonly refreshMs?: number | undefined;
}

interface State<Answer> {
  readonly path: string | undefined;
  readonly answer?: Answer;
  readonly failure?: Failure;
  readonly isLoading: boolean;
}

/** Sends `GET path`, with its parameters; `undefined` sends nothing. */
export const useFetch = <Answer>(path: string | undefined, { refreshMs }: UseFetchOptions = {}): FetchState<Answer> => {
  const [state, setState] = useState<State<Answer>>({ path: undefined, isLoading: true });
  const [reloads, setReloads] = useState(0);

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
      let delayMs = refreshMs;
      if (outcome.state === "ok") {
        failures = 0;
        setState({ path, answer: outcome.answer, isLoading: false });
      } else if (outcome.state === "failed") {
        failures += 1;
        setState((before) => ({ ...before, failure: outcome, isLoading: false }));
        if (refreshMs === undefined && isFinalStatus(outcome.status ?? 0)) return;
        delayMs = toRetryMs(failures, outcome.status);
      }
      if (delayMs !== undefined && !document.hidden) timer = setTimeout(start, delayMs);
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
  }, [path, refreshMs, reloads]);

  return {
    answer: state.answer,
    isLoading: state.isLoading,
    isStale: state.path !== path,
    failure: state.failure,
    reload: () => setReloads((before) => before + 1),
  };
};
