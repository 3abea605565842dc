/**
 * The messages that wait to be sent, by session. Forms batches in which sessions take turns, and delays the sessions whose
 * requests fail, so that they do not delay others.
 *
 * A shared batch is due when it is full or its oldest message has waited `lingerMs`. While messages of several sessions
 * arrive, batches are so small that a request takes about {@link TARGET_MS}: a message of one session waits for requests that
 * are full of messages of another.
 */
import type { HeldMessage } from "./held-message.ts";
import type { Lane, LaneMode } from "./lane.ts";

/** Duration of a request while messages of several sessions arrive. */
const TARGET_MS = 500;

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
}

export interface Batch {
  readonly messages: readonly HeldMessage[];
  /** The lane of a separate or slow batch. `undefined` for a shared batch. */
  readonly lane: Lane | undefined;
}

export class FairQueue {
  readonly #limits: BatchLimits;
  /** Shared lanes with messages, in the order of their turns. */
  readonly #shared = new Set<Lane>();
  #sharedBytes = 0;
  #sharedCount = 0;
  /** Time of arrival of the oldest message in shared lanes. */
  #oldestMs = 0;
  /** The part of the limits that a batch may use while several sessions are active. */
  #size = 1;
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
      if (this.#lastLane !== undefined) this.#laneChangedMs = Date.now();
      this.#lastLane = fresh;
    }
    if (fresh.mode !== "shared") return;
    this.#shared.add(fresh);
    this.#sharedBytes += message.payload.byteLength;
    this.#sharedCount += 1;
    if (this.#sharedCount === 1) this.#oldestMs = message.arrivedAtMs;
  }

  /** Adds messages of one session to one of its lanes and sets the mode of the lane. */
  putBack(lane: Lane, messages: readonly HeldMessage[], mode: LaneMode): void {
    lane.putBack(messages);
    this.setMode(lane, mode);
  }

  /** Call it also when a lane that is not shared may have become empty. */
  setMode(lane: Lane, mode: LaneMode): void {
    lane.mode = mode;
    if (mode === "shared" || (lane.size === 0 && lane.isForFailures)) this.#others.delete(lane);
    else this.#others.add(lane);
    if (mode === "shared" && lane.size > 0) this.#shared.add(lane);
    else this.#shared.delete(lane);
    this.#count();
  }

  /** Adapts the size of shared batches to the duration of a shared request. */
  adaptSize(durationMs: number): void {
    const change = Math.min(MAX_GROWTH, Math.max(MAX_SHRINK, TARGET_MS / Math.max(1, durationMs)));
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
      return { messages: lane.setAsideNext ? lane.takeSuspect() : lane.take(maxMessages, maxBytes), lane };
    }
    return this.#sharedDueInMs(nowMs) === 0 ? { messages: this.#takeShared(nowMs), lane: undefined } : undefined;
  }

  #sharedDueInMs(nowMs: number): number | undefined {
    if (this.#sharedCount === 0) return undefined;
    if (this.#sharedBytes >= this.#limits.maxBytes || this.#sharedCount >= this.#limits.maxMessages) return 0;
    const waitedMs = nowMs - this.#oldestMs;
    // The time of arrival is ahead of a clock that was corrected.
    if (waitedMs < 0) return 0;
    return Math.max(0, this.#limits.lingerMs - waitedMs);
  }

  /** Takes an equal share from each lane, and then fills the batch in the order of turns. */
  #takeShared(nowMs: number): readonly HeldMessage[] {
    // `toSorted` is stable, so the turns are kept among the others.
    const lanes = [...this.#shared].toSorted((a, b) => Number(b.isDeferred) - Number(a.isDeferred));
    const size = nowMs - this.#laneChangedMs < ACTIVE_MS ? this.#size : 1;
    const maxBytes = Math.ceil(this.#limits.maxBytes * size);
    const maxMessages = Math.ceil(this.#limits.maxMessages * size);
    const messages: HeldMessage[] = [];
    let bytesLeft = maxBytes;
    const takeFrom = (lane: Lane, mostMessages: number, mostBytes: number): void => {
      const count = Math.min(mostMessages, maxMessages - messages.length);
      // The first message of a batch may be larger than the limit.
      const firstBytes = lane.oldest?.payload.byteLength;
      if (firstBytes === undefined || count === 0 || (messages.length > 0 && firstBytes > bytesLeft)) return;
      const bytesBefore = lane.bytes;
      const taken = lane.take(count, Math.min(mostBytes, bytesLeft));
      for (const message of taken) messages.push(message);
      bytesLeft -= bytesBefore - lane.bytes;
    };
    const shareBytes = Math.floor(maxBytes / lanes.length);
    const shareMessages = Math.ceil(maxMessages / lanes.length);
    for (const lane of lanes) takeFrom(lane, shareMessages, shareBytes);
    if (lanes.length > 1) for (const lane of lanes) takeFrom(lane, maxMessages, maxBytes);
    const [first] = lanes;
    for (const lane of lanes) if (lane === first || lane.size === 0) this.#shared.delete(lane);
    if (first !== undefined && first.size > 0) this.#shared.add(first);
    this.#count();
    return messages;
  }

  /** Recomputes the totals of the shared lanes. */
  #count(): void {
    this.#sharedBytes = 0;
    this.#sharedCount = 0;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (const { bytes, size, oldest } of this.#shared) {
      this.#sharedBytes += bytes;
      this.#sharedCount += size;
      if (oldest !== undefined && oldest.arrivedAtMs < this.#oldestMs) this.#oldestMs = oldest.arrivedAtMs;
    }
  }
}
