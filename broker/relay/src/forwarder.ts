/**
 * Takes batches to the Worker, a few at a time, and does not let go of a message before the Worker has taken it.
 * Retries forever with exponential backoff and full jitter; a Retry-After is waited for on top.
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
const LONGEST_RETRY_MS = 10_000;

export interface ForwarderEvents {
  /** The Worker took the message. */
  readonly onDone: (message: HeldMessage, receipt: ReceivedReceipt) => void;
  /** The Worker will never take this message, not even alone. */
  readonly onRefused: (message: HeldMessage) => void;
  readonly onFailure: (error: SendError, messages: number) => void;
}

export interface ForwarderOptions extends ForwarderEvents {
  readonly queue: BatchQueue;
  readonly send: SendBatch;
  readonly maxInFlight: number;
  readonly signal: AbortSignal;
}

export interface Forwarder {
  /** To be called after each addition to the queue. */
  wake(): void;
  readonly inFlight: number;
  /** Resolves when the queue is empty and no request is under way. */
  drained(): Promise<void>;
}

const exponential = new ExponentialBackoff<number>({
  generator: fullJitterGenerator,
  initialDelay: FIRST_RETRY_MS,
  maxDelay: LONGEST_RETRY_MS,
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
  const idle: (() => void)[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Sends until the Worker has answered for each message; those that it could not store go again by themselves. */
  const deliver = async (batch: readonly HeldMessage[]): Promise<void> => {
    let open = batch;
    const attempt = async (): Promise<void> => {
      // A wait between two attempts is not cut short by the signal; the attempt after it is.
      signal.throwIfAborted();
      const sent = open;
      const outcomes = await send(sent);
      open = sent.filter((message, i) => {
        const outcome = outcomes[i];
        if (outcome?.state !== "done") return true;
        onDone(message, outcome.receipt);
        return false;
      });
      if (open.length === 0) return;
      const isProgress = open.length < sent.length && !outcomes.some(({ state }) => state === "retry");
      if (!isProgress) throw new SendError("unavailable", "OpenSearch did not take all of a batch");
      await attempt();
    };
    try {
      await policy.execute(async () => {
        try {
          await attempt();
        } catch (error) {
          if (error instanceof SendError) onFailure(error, open.length);
          throw error;
        }
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SendError)) throw error;
      const [only, ...others] = open;
      if (only === undefined) return;
      if (others.length === 0) {
        onRefused(only);
        return;
      }
      const middle = Math.ceil(open.length / 2);
      await deliver(open.slice(0, middle));
      await deliver(open.slice(middle));
    }
  };

  const run = async (batch: readonly HeldMessage[]): Promise<void> => {
    inFlight += 1;
    await deliver(batch);
    inFlight -= 1;
    wake();
    if (inFlight === 0 && queue.size === 0) for (const resolve of idle.splice(0)) resolve();
  };

  const wake = (): void => {
    while (inFlight < maxInFlight && !signal.aborted) {
      const dueInMs = queue.dueInMs(Date.now());
      if (dueInMs === undefined) return;
      if (dueInMs > 0) {
        timer ??= setTimeout(() => {
          timer = undefined;
          wake();
        }, dueInMs);
        return;
      }
      void run(queue.take());
    }
  };

  return {
    wake,
    get inFlight() {
      return inFlight;
    },
    drained: async () => {
      if (inFlight === 0 && queue.size === 0) return;
      await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
};
