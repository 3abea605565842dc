/**
 * HTTP as a link. Compressing and posting take most of the main thread's time for HTTP: while batches arrive regularly,
 * a Worker does both. The page posts small batches, the first ones while MQTT may still connect, and all batches where
 * the Web Worker fails.
 */
import { startPostWorker } from "../../platform-workers.ts";
import { isPage, startTimer, stopTimer, type Fetch, type Timer } from "../../platform.ts";
import { isWorthGzip } from "../gzip.ts";
import type { EncodedBatch, Link, SendResult } from "../link.ts";
import { postBatch, type PostOptions } from "./post.ts";
import type { FromPostWorker, ToPostWorker } from "./post-worker.ts";
import { readResponse } from "./read-response.ts";

/** MQTT connects within the time of this many batches, if it can connect. */
const BATCHES_BEFORE_MQTT = 2;
/** A Worker is started for a batch of this length: its start takes as long as posting a few small batches. */
const MIN_WORKER_LENGTH = 4_096;
/** Time that the Worker has beyond the timeout of its request. */
const WORKER_GRACE_MS = 5_000;
/** An idle Worker ends after this time. */
const WORKER_IDLE_MS = 30_000;

export interface HttpLinkOptions {
  readonly _post: PostOptions;
  readonly _fetch: Fetch;
  /** `false` if the page gave its own `fetch`, which cannot be passed to a Worker. */
  readonly _allowWorker: boolean;
  /** `true` if MQTT will never replace this link. */
  readonly _isOnlyTransport: () => boolean;
}

/** Always open. `close` ends the Web Worker after its last response; the page posts later batches. */
export const createHttpLink = (options: HttpLinkOptions): Link => {
  const { _post: post, _fetch: send, _isOnlyTransport: isOnlyTransport } = options;
  const pending = new Map<string, (result?: SendResult) => void>();
  // A logger in a Worker does not block a page, so it needs no second Worker.
  let canUseWorker = isPage() && options._allowWorker;
  let sent = 0;
  /** Whether the Worker has ever had a response. If so, a missing response is a network error. */
  let workerHasConnected = false;
  let worker: Worker | undefined;
  let timer: Timer | undefined;

  const endWorker = (): void => {
    stopTimer(timer);
    worker?.terminate();
    worker = undefined;
    for (const settle of pending.values()) settle();
    pending.clear();
  };
  const disableWorker = (): void => {
    canUseWorker = false;
    endWorker();
  };
  const restartTimer = (): void => {
    stopTimer(timer);
    if (pending.size > 0) timer = startTimer(disableWorker, post.timeoutMs + WORKER_GRACE_MS);
    else if (canUseWorker) timer = startTimer(endWorker, WORKER_IDLE_MS);
    else endWorker();
  };

  const startWorker = (): Worker => {
    const started = startPostWorker();
    started.onerror = disableWorker;
    started.onmessage = ({ data: { id, result } }: MessageEvent<FromPostWorker>) => {
      pending.get(id)?.(result);
      pending.delete(id);
      restartTimer();
    };
    return started;
  };
  /** Resolves with `undefined` without a response, or if the Web Worker fails; the batch may have been stored. */
  const sendByWorker = (batch: EncodedBatch): Promise<SendResult | undefined> =>
    new Promise((resolve) => {
      try {
        worker ??= startWorker();
        const message: ToPostWorker = { options: post, batch };
        worker.postMessage(message); // oxlint-disable-line unicorn/require-post-message-target-origin -- a Worker
        pending.set(batch.id, resolve);
        if (pending.size === 1) restartTimer();
      } catch {
        disableWorker(); // its script is of another origin, or forbidden by the Content-Security-Policy
        resolve(undefined);
      }
    });

  return {
    kind: "http",
    async send(batch) {
      sent += 1;
      const { body } = batch;
      const isBusy = sent > BATCHES_BEFORE_MQTT || isOnlyTransport();
      const isWorthWorker = worker ?? (body.length > MIN_WORKER_LENGTH && isBusy);
      const useWorker = canUseWorker && isWorthWorker && isWorthGzip(body);
      if (useWorker) {
        const result = await sendByWorker(batch);
        workerHasConnected ||= result !== undefined;
        if (result) return result;
        if (workerHasConnected && canUseWorker) return { state: "retry" };
      }
      const response = await postBatch(send, post, body);
      // The Worker script's own Content-Security-Policy may block requests that the page may make.
      if (response && useWorker && !workerHasConnected) disableWorker();
      return readResponse(response);
    },
    closed: new Promise(() => {}),
    close() {
      canUseWorker = false;
      restartTimer();
    },
  };
};
