/**
 * The messages that wait to be sent, by session. Forms batches in which sessions take turns, and delays the sessions whose
 * requests fail, so that they do not delay others.
 *
 * A shared batch is due when it is full or its oldest message has waited `lingerMs`. While messages of several sessions
 * arrive, batches are so small that a request takes about {@link TARGET_MS}, and one session does not use all concurrent
 * requests: a message of one session would wait for requests that are full of messages of another.
 *
 * All times are of the monotonic clock (`performance.now()`), so a change of the machine's clock delays nothing.
 */
import type { HeldMessage } from "./held-message.ts";
import { sizeOf, type Lane, type LaneMode } from "./lane.ts";

/** Duration of a request while messages of several sessions arrive. */
const TARGET_MS = 250;

/**
 * Smallest part of the limits to which such a request is reduced. A request to a distant or busy Worker takes longer than the
 * target whatever its size, and must not become too small for a useful throughput.
 */
const MIN_SIZE = 1 / 8;

/** Sessions count as active for this long after their last message. */
const ACTIVE_MS = 10_000;

/** A single measurement changes the size by at most these factors. */
const MAX_SHRINK = 1 / 4;
const MAX_GROWTH = 2;

export interface BatchLimits {
  /** Maximum number of payload bytes in one batch. */
  readonly maxBytes: number;
  readonly maxMessages: number;
  /** How long a message waits for others before its batch is sent. */
  readonly lingerMs: number;
  /** Maximum number of concurrent requests with mostly messages of one session, while several sessions are active. */
  readonly maxSessionRequests: number;
}

export interface Batch {
  readonly messages: readonly HeldMessage[];
  /** The lane of a separate or slow batch. `undefined` for a shared batch. */
  readonly lane: Lane | undefined;
  /** The lane of most bytes of a shared batch. */
  readonly mainLane: Lane | undefined;
  /** Whether more messages waited than the batch could take. */
  readonly isFull: boolean;
}

/** The messages of a list of lanes. */
interface Totals {
  readonly bytes: number;
  readonly count: number;
  /** Since when the oldest message waits. */
  readonly oldestMs: number;
}

const toTotals = (lanes: Iterable<Lane>): Totals => {
  let bytes = 0;
  let count = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    bytes += lane.bytes;
    count += lane.size;
    if (lane.oldest !== undefined && lane.oldest.heldSinceMs < oldestMs) oldestMs = lane.oldest.heldSinceMs;
  }
  return { bytes, count, oldestMs };
};

export class FairQueue {
  readonly #limits: BatchLimits;
  /** Shared lanes with messages, in the order of their turns. */
  readonly #shared = new Set<Lane>();
  #sharedBytes = 0;
  #sharedCount = 0;
  /** Since when the oldest message in shared lanes waits. */
  #oldestMs = 0;
  /** The lanes with as many concurrent requests as one session may use while several are active. */
  readonly #busy = new Set<Lane>();
  /** The part of the limits that a batch may use while several sessions are active. Starts low, because nothing is measured yet. */
  #size = MIN_SIZE;
  /** The lane of the last message, and the last time at which a message belonged to another lane than the one before. */
  #lastLane: Lane | undefined;
  #laneChangedMs = Number.NEGATIVE_INFINITY;
  /** All other lanes that can have messages, in the order of their turns. */
  readonly #others = new Set<Lane>();

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  get size(): number {
    let size = this.#sharedCount;
    for (const lane of this.#others) size += lane.size;
    return size;
  }

  /** Slow lanes with messages. */
  get slowLanes(): readonly Lane[] {
    return [...this.#others].filter(({ mode, size }) => mode === "slow" && size > 0);
  }

  add(message: HeldMessage): void {
    const { fresh } = message.session.lanes;
    fresh.push(message);
    if (fresh !== this.#lastLane) {
      if (this.#lastLane !== undefined) this.#laneChangedMs = message.heldSinceMs;
      this.#lastLane = fresh;
    }
    if (fresh.mode !== "shared") return;
    this.#shared.add(fresh);
    this.#sharedBytes += sizeOf(message);
    this.#sharedCount += 1;
    if (this.#sharedCount === 1) this.#oldestMs = message.heldSinceMs;
  }

  /** Adds messages of one session to one of its lanes and sets the mode of the lane. */
  putBack(lane: Lane, messages: readonly HeldMessage[], mode: LaneMode): void {
    lane.putBack(messages);
    this.setMode(lane, mode);
  }

  /** Call it even when a lane that is not shared may have become empty. */
  setMode(lane: Lane, mode: LaneMode): void {
    lane.mode = mode;
    if (mode === "shared" || (lane.size === 0 && lane.isForFailures)) this.#others.delete(lane);
    else this.#others.add(lane);
    if (mode === "shared" && lane.size > 0) this.#shared.add(lane);
    else this.#shared.delete(lane);
    this.#count();
  }

  /**
   * Adapts the size of shared batches to the duration of a shared request. A batch that was not full does not show how long
   * a larger one takes, so only full batches increase the size (as RFC 7661 does for congestion windows).
   */
  adaptSize(durationMs: number, isFull: boolean): void {
    const maxGrowth = isFull ? MAX_GROWTH : 1;
    const change = Math.min(maxGrowth, Math.max(MAX_SHRINK, TARGET_MS / Math.max(1, durationMs)));
    this.#size = Math.min(1, Math.max(MIN_SIZE, this.#size * change));
  }

  /** Milliseconds until a batch is due: 0 if one is due now, `undefined` if nothing waits. */
  dueInMs(nowMs: number, isSlowAllowed: boolean): number | undefined {
    let due = this.#sharedDueInMs(nowMs);
    for (const { isBusy, size, mode, retryAtMs } of this.#others) {
      if (isBusy || size === 0 || (mode === "slow" && !isSlowAllowed)) continue;
      const laneDue = mode === "slow" ? Math.max(0, retryAtMs - nowMs) : 0;
      due = Math.min(due ?? laneDue, laneDue);
    }
    return due;
  }

  /** Removes and returns the next batch that is due. */
  take(nowMs: number, isSlowAllowed: boolean): Batch | undefined {
    for (const lane of this.#others) {
      const isDue = lane.mode === "separate" || (isSlowAllowed && lane.retryAtMs <= nowMs);
      if (lane.isBusy || lane.size === 0 || !isDue) continue;
      lane.isBusy = true;
      // Moves the lane to the end of the turns.
      this.#others.delete(lane);
      this.#others.add(lane);
      const { maxBytes, maxMessages } = this.#limits;
      const messages = lane.setAsideNext ? lane.takeSuspect() : lane.take(maxMessages, maxBytes);
      return { messages, lane, mainLane: undefined, isFull: lane.size > 0 };
    }
    return this.#sharedDueInMs(nowMs) === 0 ? this.#takeShared(nowMs) : undefined;
  }

  /** Call it with 1 before the request of a batch, and with -1 after it. */
  countRequest({ mainLane }: Batch, change: 1 | -1): void {
    if (mainLane === undefined) return;
    mainLane.sharedRequests += change;
    if (mainLane.sharedRequests < this.#limits.maxSessionRequests) this.#busy.delete(mainLane);
    else this.#busy.add(mainLane);
  }

  #areSeveralActive(nowMs: number): boolean {
    return nowMs - this.#laneChangedMs < ACTIVE_MS;
  }

  /** The shared lanes that may be in the next batch. */
  #findReady(nowMs: number): readonly Lane[] {
    const isLimited = this.#areSeveralActive(nowMs);
    return [...this.#shared].filter((lane) => !isLimited || !this.#busy.has(lane));
  }

  #sharedDueInMs(nowMs: number): number | undefined {
    const { bytes, count, oldestMs } =
      this.#busy.size > 0
        ? toTotals(this.#findReady(nowMs))
        : { bytes: this.#sharedBytes, count: this.#sharedCount, oldestMs: this.#oldestMs };
    if (count === 0) return undefined;
    if (bytes >= this.#limits.maxBytes || count >= this.#limits.maxMessages) return 0;
    return Math.max(0, this.#limits.lingerMs - (nowMs - oldestMs));
  }

  /** Takes an equal share from each lane, and then fills the batch in the order of turns. */
  #takeShared(nowMs: number): Batch {
    // `toSorted` is stable, so the turns are kept among the others.
    const lanes = this.#findReady(nowMs).toSorted((a, b) => Number(b.isDeferred) - Number(a.isDeferred));
    const size = this.#areSeveralActive(nowMs) ? this.#size : 1;
    const maxBytes = Math.ceil(this.#limits.maxBytes * size);
    const maxMessages = Math.ceil(this.#limits.maxMessages * size);
    const messages: HeldMessage[] = [];
    let bytesLeft = maxBytes;
    const bytesBefore = new Map(lanes.map((lane) => [lane, lane.bytes]));
    const takeFrom = (lane: Lane, mostMessages: number, mostBytes: number): void => {
      const count = Math.min(mostMessages, maxMessages - messages.length);
      // The first message of a batch may be larger than the limit.
      const { oldest } = lane;
      if (oldest === undefined || count === 0 || (messages.length > 0 && sizeOf(oldest) > bytesLeft)) return;
      const before = lane.bytes;
      const taken = lane.take(count, Math.min(mostBytes, bytesLeft));
      for (const message of taken) messages.push(message);
      bytesLeft -= before - lane.bytes;
    };
    const shareBytes = Math.floor(maxBytes / lanes.length);
    const shareMessages = Math.ceil(maxMessages / lanes.length);
    for (const lane of lanes) takeFrom(lane, shareMessages, shareBytes);
    if (lanes.length > 1) for (const lane of lanes) takeFrom(lane, maxMessages, maxBytes);
    const [first] = lanes;
    for (const lane of lanes) if (lane === first || lane.size === 0) this.#shared.delete(lane);
    if (first !== undefined && first.size > 0) this.#shared.add(first);
    this.#count();
    const half = (maxBytes - bytesLeft) / 2;
    const mainLane = lanes.find((lane) => (bytesBefore.get(lane) ?? 0) - lane.bytes > half);
    return { messages, lane: undefined, mainLane, isFull: lanes.some((lane) => lane.size > 0) };
  }

  /** Recomputes the totals of the shared lanes. */
  #count(): void {
    const { bytes, count, oldestMs } = toTotals(this.#shared);
    this.#sharedBytes = bytes;
    this.#sharedCount = count;
    this.#oldestMs = oldestMs;
  }
}
