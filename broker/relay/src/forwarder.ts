/**
 * Sends batches to the Worker, with a limited number of concurrent requests, until every message is done or refused.
 *
 * A failed request of several sessions is repeated for each session separately. A session whose separate request fails is
 * retried forever with exponential backoff and full jitter, plus the Worker's Retry-After; all such sessions together use at
 * most one request at a time.
 *
 * If a message makes the Worker itself fail repeatedly, or the Worker refuses it, its batch is halved until the message is alone; then
 * the Worker stores it as rejected without decoding it. A message that another server refuses is kept and sent again after the others.
 */
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import type { Batch, FairQueue } from "./fair-queue.ts";
import type { HeldMessage, MessageSession } from "./held-message.ts";
import type { Lane, Lanes } from "./lane.ts";
import { restampAhead } from "./restamp.ts";
import { SendError, type WorkerClient } from "./worker-client.ts";

/** After this number of consecutive failures a message is assumed to be at fault, and not the Worker. */
const MAX_FAULTS = 3;

export interface ForwarderEvents {
  /** The Worker accounted for every event of the message. */
  readonly onDone: (message: HeldMessage, receipt: ReceivedReceipt) => void;
  /** The Worker accepts requests, but not this message, not even to be stored as rejected. It will not be sent again. */
  readonly onRefused: (message: HeldMessage) => void;
  /** The Worker stored the message as rejected because it failed or refused each time the message was sent alone. */
  readonly onSetAside: (message: HeldMessage) => void;
  /** A request failed, or the Worker did not store these messages of it. */
  readonly onFailure: (error: SendError, messages: readonly HeldMessage[]) => void;
}

export interface ForwarderOptions extends ForwarderEvents {
  readonly queue: FairQueue;
  readonly worker: WorkerClient;
  readonly maxInFlight: number;
  /** Stops sending and retrying. */
  readonly signal: AbortSignal;
}

export interface Forwarder {
  /** Starts requests for the batches that are due. Call it after each addition to the queue. */
  sendDue(): void;
  /** Requests that have no response yet. */
  readonly inFlight: number;
  /** Resolves when the queue is empty and no request is in flight. */
  drained(): Promise<void>;
}

/** Messages of one batch by session. */
const groupBySession = (messages: readonly HeldMessage[]): ReadonlyMap<MessageSession, readonly HeldMessage[]> =>
  Map.groupBy(messages, ({ session }) => session);

export const createForwarder = (options: ForwarderOptions): Forwarder => {
  const { queue, worker, maxInFlight, signal, onDone, onRefused, onSetAside, onFailure } = options;
  const drainWaiters: (() => void)[] = [];
  let inFlight = 0;
  let slowInFlight = 0;
  let lastSuccessMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerAtMs = 0;

  /**
   * Sets the size and the time of the failed lane's next request. It has the same messages; half of them, if they are suspected;
   * or, if one message is left that the Worker does not accept, only that message, to be set aside.
   *
   * Returns true if one message is left that another server does not accept. It is not set aside, because only the Worker decides
   * that a message is rejected.
   */
  const narrow = async (failed: Lane, messages: readonly HeldMessage[], error: SendError): Promise<boolean> => {
    const { failure, retryAfterMs } = error;
    const isSuspected = failure === "failed" || failure === "not_the_worker";
    const [suspect] = messages.length === 1 ? messages : [];
    const isSame = suspect === undefined || suspect === failed.suspect;
    failed.suspect = suspect;
    failed.faults = isSuspected ? (isSame ? failed.faults : 0) + 1 : 0;
    const isSearched =
      failure === "refused" ||
      failure === "size_limit" ||
      (isSuspected && failed.faults >= MAX_FAULTS && (await worker.responds()));
    if (isSearched && messages.length > 1) {
      failed.limit = Math.ceil(messages.length / 2);
      failed.faults = MAX_FAULTS - 1;
      failed.resetBackoff();
      if (isSuspected) failed.delay(performance.now(), retryAfterMs);
      return false;
    }
    failed.delay(performance.now(), retryAfterMs);
    const isBlocked = isSearched && (failure === "not_the_worker" || failure === "size_limit");
    // A message is at fault only if the Worker accepts a request without it.
    failed.setAsideNext = !isBlocked && (failed.setAsideNext || (isSearched && (await worker.accepts())));
    return isBlocked;
  };

  /** Moves messages of `lane` whose request failed to the failed lane of their session. */
  const fail = async (lane: Lane, lanes: Lanes, messages: readonly HeldMessage[], error: SendError): Promise<void> => {
    const { fresh, failed } = lanes;
    let isBlocked = false;
    // While the failed lane has messages, those of the fresh lane join them and do not restart the search for one at fault.
    if (lane === failed || (failed.size === 0 && !failed.isBusy)) isBlocked = await narrow(failed, messages, error);
    else failed.retryAtMs = Math.max(failed.retryAtMs, performance.now() + error.retryAfterMs);
    const nowMs = performance.now();
    failed.failedSinceMs ??= nowMs;
    fresh.failedSinceMs ??= nowMs;
    if (isBlocked) failed.block(messages);
    queue.putBack(failed, isBlocked ? [] : messages, "slow");
    if (fresh.mode !== "slow") {
      fresh.delay(nowMs, error.retryAfterMs);
      queue.setMode(fresh, "slow");
    }
  };

  /** The messages of a shared batch failed: each session repeats its own. */
  const failShared = async (messages: readonly HeldMessage[], error: SendError): Promise<void> => {
    const bySession = groupBySession(messages);
    for (const [session, own] of bySession) {
      const { fresh, failed } = session.lanes;
      if (bySession.size > 1) queue.putBack(fresh, own, fresh.mode === "slow" ? "slow" : "separate");
      // This request was sent before an earlier failure of the same session, so its failure does not count again.
      else if (fresh.mode === "slow") queue.putBack(failed, own, "slow");
      else await fail(fresh, session.lanes, own, error);
    }
  };

  /** Lanes that have failed only while no request at all succeeded are not at fault. */
  const endOutage = (previousSuccessMs: number): void => {
    for (const lane of queue.slowLanes) {
      if (lane.failedSinceMs === undefined || lane.failedSinceMs <= previousSuccessMs || lane.isBusy) continue;
      if (lane.limit !== Number.POSITIVE_INFINITY || lane.setAsideNext) continue;
      lane.retryAtMs = 0;
      if (!lane.isForFailures) queue.setMode(lane, "separate");
    }
  };

  const succeed = (lane: Lane, sent: readonly HeldMessage[]): void => {
    const { limit } = lane;
    lane.recover();
    const [message] = sent;
    if (message === undefined) return;
    const { fresh, failed } = message.session.lanes;
    if (lane === fresh) {
      queue.setMode(fresh, "shared");
      return;
    }
    if (limit < Number.POSITIVE_INFINITY && failed.size > 0) {
      failed.limit = limit * 2;
      queue.setMode(failed, "slow");
      return;
    }
    // The other failed messages are probably not at fault either.
    queue.putBack(fresh, failed.takeUnblocked(), "separate");
    queue.setMode(failed, "slow");
  };

  /** Sends a batch once. Puts the messages that are not done back into the queue. */
  const sendOnce = async ({ messages, lane, isFull }: Batch): Promise<void> => {
    const setAside = lane?.setAsideNext === true;
    const failAll = async (error: SendError, unfinished: readonly HeldMessage[]): Promise<void> => {
      onFailure(error, unfinished);
      const [message] = unfinished;
      if (message === undefined) return;
      const isRefused = setAside && error.failure === "refused" && (await worker.accepts());
      const wasRefused = lane?.isSuspectRefused === true;
      if (lane !== undefined) lane.isSuspectRefused = isRefused;
      // Twice: a Worker that was replaced after its response may have refused the first request because of its version.
      if (lane !== undefined && isRefused && wasRefused) {
        onRefused(message);
        succeed(lane, messages);
      } else if (lane === undefined) await failShared(unfinished, error);
      else {
        if (!lane.isForFailures && lane.mode === "slow") lane.delay(performance.now(), error.retryAfterMs);
        if (unfinished.length < messages.length) lane.resetBackoff();
        await fail(lane, message.session.lanes, unfinished, error);
      }
    };

    let outcomes;
    restampAhead(messages, Date.now());
    const sentMs = performance.now();
    try {
      outcomes = await worker.send(messages, { setAside });
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      if (!signal.aborted) await failAll(error, messages);
      return;
    }
    if (lane === undefined) queue.adaptSize(performance.now() - sentMs, isFull);
    const served = new Set<MessageSession>();
    const deferred: HeldMessage[] = [];
    const retried: HeldMessage[] = [];
    let i = 0;
    for (const message of messages) {
      const outcome = outcomes[i];
      i += 1;
      if (outcome?.state === "done") {
        if (setAside) onSetAside(message);
        onDone(message, outcome.receipt);
        served.add(message.session);
      } else (outcome?.state === "deferred" ? deferred : retried).push(message);
    }
    const isProgress = deferred.length + retried.length < messages.length;
    if (!isProgress) retried.push(...deferred.splice(0));
    for (const { lanes } of served) lanes.fresh.isDeferred = false;
    for (const [session, own] of groupBySession(deferred)) {
      const { lanes } = session;
      lanes.fresh.isDeferred = !served.has(session);
      const target = lane ?? lanes.fresh;
      queue.putBack(target, own, target.mode);
    }
    const nowMs = performance.now();
    if (isProgress) {
      endOutage(lastSuccessMs);
      lastSuccessMs = nowMs;
    }
    if (retried.length === 0) {
      if (lane !== undefined) succeed(lane, messages);
      return;
    }
    const error = new SendError("unavailable", "OpenSearch did not store the whole batch");
    if (lane !== undefined) await failAll(error, retried);
    else for (const own of groupBySession(retried).values()) await failAll(error, own);
  };

  const send = async (batch: Batch): Promise<void> => {
    const isSlow = batch.lane?.mode === "slow";
    inFlight += 1;
    if (isSlow) slowInFlight += 1;
    queue.countRequest(batch, 1);
    await sendOnce(batch);
    queue.countRequest(batch, -1);
    inFlight -= 1;
    if (isSlow) slowInFlight -= 1;
    if (batch.lane !== undefined) batch.lane.isBusy = false;
    sendDue();
    if (inFlight === 0 && queue.size === 0) for (const resolve of drainWaiters.splice(0)) resolve();
  };

  const wake = (nowMs: number, dueInMs: number): void => {
    if (timer !== undefined && timerAtMs <= nowMs + dueInMs) return;
    clearTimeout(timer);
    timerAtMs = nowMs + dueInMs;
    timer = setTimeout(() => {
      timer = undefined;
      sendDue();
    }, dueInMs);
  };

  const sendDue = (): void => {
    while (inFlight < maxInFlight && !signal.aborted) {
      const nowMs = performance.now();
      const isSlowAllowed = slowInFlight === 0;
      const dueInMs = queue.dueInMs(nowMs, isSlowAllowed);
      if (dueInMs === undefined) return;
      const batch = dueInMs > 0 ? undefined : queue.take(nowMs, isSlowAllowed);
      if (batch === undefined) {
        wake(nowMs, Math.max(1, dueInMs));
        return;
      }
      void send(batch);
    }
  };

  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });

  return {
    sendDue,
    get inFlight() {
      return inFlight;
    },
    drained: async () => {
      if (inFlight === 0 && queue.size === 0) return;
      await new Promise<void>((resolve) => drainWaiters.push(resolve));
    },
  };
};
