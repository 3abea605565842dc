/**
 * Sends batches to the Worker, with a limited number of concurrent requests, until every message is done or refused.
 * Retries forever with exponential backoff and full jitter, plus the Worker's Retry-After.
 */
import {
  DelegateBackoff,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  type IBackoff,
  type IRetryBackoffContext,
} from "cockatiel";
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import type { BatchQueue } from "./batch-queue.ts";
import type { HeldMessage } from "./held-message.ts";
import { SendError, type SendBatch } from "./worker-client.ts";

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;

export interface ForwarderEvents {
  /** The Worker accounted for every event of the message. */
  readonly onDone: (message: HeldMessage, receipt: ReceivedReceipt) => void;
  /** The Worker refused the message although it was sent alone. It will not be sent again. */
  readonly onRefused: (message: HeldMessage) => void;
  /** A request failed. `messages` is the number of messages in it. */
  readonly onFailure: (error: SendError, messages: number) => void;
}

export interface ForwarderOptions extends ForwarderEvents {
  readonly queue: BatchQueue;
  readonly send: SendBatch;
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

const exponential = new ExponentialBackoff<number>({
  generator: fullJitterGenerator,
  initialDelay: FIRST_RETRY_MS,
  maxDelay: MAX_RETRY_MS,
});

const backoff = new DelegateBackoff<IRetryBackoffContext<unknown>, IBackoff<unknown>>((context, previous) => {
  const next = (previous ?? exponential).next(context);
  const error = "error" in context.result ? context.result.error : undefined;
  return { delay: next.duration + (error instanceof SendError ? error.retryAfterMs : 0), state: next };
});

const policy = retry(
  handleWhen((error) => error instanceof SendError && error.shouldRetry()),
  { maxAttempts: Number.POSITIVE_INFINITY, backoff },
);

export const createForwarder = (options: ForwarderOptions): Forwarder => {
  const { queue, send, maxInFlight, signal, onDone, onRefused, onFailure } = options;
  const drainWaiters: (() => void)[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Sends a batch until every message is done or refused. Later attempts contain only the unfinished messages. */
  const sendUntilDone = async (batch: readonly HeldMessage[]): Promise<void> => {
    let unfinished = batch;
    const attempt = async (): Promise<void> => {
      // The signal does not end the wait between two attempts, so it is checked before each attempt.
      signal.throwIfAborted();
      const sent = unfinished;
      const outcomes = await send(sent);
      unfinished = sent.filter((message, i) => {
        const outcome = outcomes[i];
        if (outcome?.state !== "done") return true;
        onDone(message, outcome.receipt);
        return false;
      });
      if (unfinished.length === 0) return;
      const isProgress = unfinished.length < sent.length && !outcomes.some(({ state }) => state === "retry");
      if (!isProgress) throw new SendError("unavailable", "OpenSearch did not store the whole batch");
      await attempt();
    };
    try {
      await policy.execute(async () => {
        try {
          await attempt();
        } catch (error) {
          if (error instanceof SendError) onFailure(error, unfinished.length);
          throw error;
        }
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SendError)) throw error;
      const [only, ...others] = unfinished;
      if (only === undefined) return;
      if (others.length === 0) {
        onRefused(only);
        return;
      }
      const middle = Math.ceil(unfinished.length / 2);
      await sendUntilDone(unfinished.slice(0, middle));
      await sendUntilDone(unfinished.slice(middle));
    }
  };

  const sendBatch = async (batch: readonly HeldMessage[]): Promise<void> => {
    inFlight += 1;
    await sendUntilDone(batch);
    inFlight -= 1;
    sendDue();
    if (inFlight === 0 && queue.size === 0) for (const resolve of drainWaiters.splice(0)) resolve();
  };

  const sendDue = (): void => {
    while (inFlight < maxInFlight && !signal.aborted) {
      const dueInMs = queue.dueInMs(Date.now());
      if (dueInMs === undefined) return;
      if (dueInMs > 0) {
        timer ??= setTimeout(() => {
          timer = undefined;
          sendDue();
        }, dueInMs);
        return;
      }
      void sendBatch(queue.take());
    }
  };

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
