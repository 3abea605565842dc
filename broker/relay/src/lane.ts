/**
 * A list of messages of one broker session that wait to be sent, with the state of its retries.
 *
 * Each session has two lanes. `fresh` has the messages that have not failed; `failed` has those whose last request failed
 * although it contained no other session's messages.
 */
import { ExponentialBackoff, fullJitterGenerator, type IBackoff } from "cockatiel";
import type { HeldMessage } from "./held-message.ts";

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;

const exponential = new ExponentialBackoff<number>({
  generator: fullJitterGenerator,
  initialDelay: FIRST_RETRY_MS,
  maxDelay: MAX_RETRY_MS,
});

/**
 * - `shared`: its messages are sent together with those of other sessions.
 * - `separate`: its next request contains no other session's messages, because the last shared one failed.
 * - `slow`: the same, after a wait. All slow lanes together have at most one request in flight.
 */
export type LaneMode = "shared" | "separate" | "slow";

/** Bytes of a message in a request, if each character of its topic has one byte. */
export const sizeOf = ({ topic, payload }: HeldMessage): number => topic.length + payload.byteLength;

export class Lane {
  readonly isForFailures: boolean;
  mode: LaneMode;
  /** True while a separate or slow request is in flight. There is at most one for each lane. */
  isBusy = false;
  /** Shared requests in flight in which most bytes are of this lane. */
  sharedRequests = 0;
  /** Maximum number of messages in the next request. Halved to find the message at fault. */
  limit = Number.POSITIVE_INFINITY;
  /** The last message that failed alone. */
  suspect: HeldMessage | undefined;
  /** The next request contains only the suspected message, and the Worker stores it as rejected without decoding it. */
  setAsideNext = false;
  /** The Worker refused to set the suspected message aside, and then accepted a request without messages. */
  isSuspectRefused = false;
  /** The Worker had no space for the messages of this lane in the last shared request. The lane is first in the next one. */
  isDeferred = false;
  /** Consecutive failures that are not caused by the store, with the same or fewer messages. */
  faults = 0;
  /** Time of the first failure since the last success, on the monotonic clock. */
  failedSinceMs: number | undefined;
  /** Time of the next request of a slow lane, on the monotonic clock: a clock that is set back must not delay it. */
  retryAtMs = 0;
  #backoff: IBackoff<unknown> | undefined;
  #messages: HeldMessage[] = [];
  /** Messages that another server than the Worker refused when they were alone. Each is sent alone, in turns, after all others. */
  readonly #blocked: HeldMessage[] = [];
  #bytes = 0;

  constructor(isForFailures: boolean) {
    this.isForFailures = isForFailures;
    this.mode = isForFailures ? "slow" : "shared";
  }

  get size(): number {
    return this.#messages.length + this.#blocked.length;
  }

  /** Bytes of topics and payloads: those that a request has. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): HeldMessage | undefined {
    return this.#messages[0] ?? this.#blocked[0];
  }

  push(message: HeldMessage): void {
    this.#messages.push(message);
    this.#bytes += sizeOf(message);
  }

  /** Adds messages that were taken earlier. Stamps are in the order of arrival. */
  putBack(messages: readonly HeldMessage[]): void {
    this.#messages = [...messages, ...this.#messages].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const message of messages) this.#bytes += sizeOf(message);
  }

  /** Adds messages that were taken earlier. They are sent when no others are left, so that they do not delay them. */
  block(messages: readonly HeldMessage[]): void {
    this.#blocked.push(...messages);
    for (const message of messages) this.#bytes += sizeOf(message);
  }

  /**
   * Removes and returns the oldest messages. The first one may be larger than `maxBytes`. If only blocked messages are left, takes one
   * of them.
   */
  take(maxMessages: number, maxBytes: number): HeldMessage[] {
    if (this.#messages.length === 0) return this.#takeBlocked();
    const most = Math.min(maxMessages, this.limit, this.#messages.length);
    let bytes = 0;
    let count = 0;
    for (; count < most; count += 1) {
      const next = this.#messages[count];
      const length = next === undefined ? 0 : sizeOf(next);
      if (count > 0 && bytes + length > maxBytes) break;
      bytes += length;
    }
    this.#bytes -= bytes;
    return this.#messages.splice(0, count);
  }

  #takeBlocked(): HeldMessage[] {
    const message = this.#blocked.shift();
    if (message === undefined) return [];
    this.#bytes -= sizeOf(message);
    return [message];
  }

  /** Removes and returns all messages that are not blocked. */
  takeUnblocked(): HeldMessage[] {
    return this.#messages.length === 0 ? [] : this.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** Removes and returns the suspected message. */
  takeSuspect(): HeldMessage[] {
    const { suspect } = this;
    if (suspect === undefined) return [];
    this.#messages = this.#messages.filter((message) => message !== suspect);
    this.#bytes -= sizeOf(suspect);
    return [suspect];
  }

  /** Sets the time of the next request: exponential backoff with full jitter, plus the Worker's Retry-After. */
  delay(nowMs: number, retryAfterMs: number): void {
    this.#backoff = (this.#backoff ?? exponential).next(undefined);
    this.retryAtMs = nowMs + this.#backoff.duration + retryAfterMs;
  }

  resetBackoff(): void {
    this.#backoff = undefined;
    this.retryAtMs = 0;
  }

  /** Removes every trace of earlier failures, except the mode. */
  recover(): void {
    this.resetBackoff();
    this.limit = Number.POSITIVE_INFINITY;
    this.suspect = undefined;
    this.setAsideNext = false;
    this.isSuspectRefused = false;
    this.faults = 0;
    this.failedSinceMs = undefined;
  }
}

/** The lanes of one session. */
export interface Lanes {
  readonly fresh: Lane;
  readonly failed: Lane;
}

export const createLanes = (): Lanes => ({ fresh: new Lane(false), failed: new Lane(true) });
