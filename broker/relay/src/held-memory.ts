/**
 * The messages held in memory, by session, and when a session must stop reading from the broker.
 *
 * Up to the limit a session may hold any part of the memory. Above it, only sessions that hold less than an equal part
 * continue to read, and above twice the limit only those that hold almost no messages, and only small packets.
 */
import type { HeldMessage } from "./held-message.ts";
import { LargePackets } from "./large-packets.ts";
import type { TrackedMessage } from "./redelivery-tracker.ts";

/** A session may always hold this much, and one more message; above twice the limit, only a small one. */
const RESERVED_BYTES = 16 * 1_024;
const RESERVED_MESSAGES = 16;

export interface MemoryLimits {
  readonly maxBytes: number;
  readonly maxMessages: number;
}

export class HeldMemory {
  /** The large packets for which there is space below twice the limit. */
  readonly largePackets: LargePackets;
  readonly #limits: MemoryLimits;
  readonly #paused = new Set<SessionMemory>();
  #isDisabled = false;
  /** Sessions that hold messages. */
  #active = 0;
  #count = 0;
  #bytes = 0;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
    // When stopping, messages are discarded and not held.
    this.largePackets = new LargePackets(
      (reservedBytes) => (this.#isDisabled ? 0 : this.#bytes) + reservedBytes < 2 * limits.maxBytes,
    );
  }

  get count(): number {
    return this.#count;
  }

  /** Size of the packets in bytes, with topics and properties. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `isAtReceiveMaximum`: a limit of the session itself. */
  openSession(isAtReceiveMaximum: () => boolean): SessionMemory {
    return new SessionMemory(this, isAtReceiveMaximum);
  }

  /** Never pauses again. Used when stopping: the end of a connection can only be read after everything before it. */
  disable(): void {
    this.#isDisabled = true;
    this.largePackets.permitWaiting();
    this.#resumeAll();
  }

  /** Used by {@link SessionMemory}. */
  change(session: SessionMemory, messages: 1 | -1, bytes: number): void {
    const wasFull = this.#isFull;
    this.#count += messages;
    this.#bytes += bytes;
    if (messages === 1 && session.count === 1) this.#active += 1;
    if (messages === -1 && session.count === 0) this.#active -= 1;
    if (messages === -1) this.largePackets.permitWaiting();
    if (messages === 1 || this.#paused.size === 0) return;
    if (wasFull) this.#resumeAll();
    else this.#resume(session);
  }

  /** Used by {@link SessionMemory}. */
  pause(session: SessionMemory): boolean {
    if (!this.#mustPause(session)) return false;
    this.#paused.add(session);
    return true;
  }

  get #isFull(): boolean {
    return this.#bytes > this.#limits.maxBytes || this.#count > this.#limits.maxMessages;
  }

  #mustPause(session: SessionMemory): boolean {
    if (this.#isDisabled) return false;
    if (session.isAtReceiveMaximum()) return true;
    if (!this.#isFull) return false;
    const { maxBytes, maxMessages } = this.#limits;
    if (session.bytes > maxBytes / this.#active || session.count > maxMessages / this.#active) return true;
    const isOverTwice = this.#bytes > 2 * maxBytes || this.#count > 2 * maxMessages;
    return isOverTwice && (session.bytes > RESERVED_BYTES || session.count > RESERVED_MESSAGES);
  }

  #resume(session: SessionMemory): void {
    if (!this.#mustPause(session) && this.#paused.delete(session)) session.resume();
  }

  #resumeAll(): void {
    for (const session of this.#paused) this.#resume(session);
  }
}

/** The messages of one session, in the order of arrival. */
export class SessionMemory {
  readonly isAtReceiveMaximum: () => boolean;
  readonly #memory: HeldMemory;
  readonly #messages = new Set<HeldMessage>();
  readonly #resumes: (() => void)[] = [];
  #bytes = 0;

  constructor(memory: HeldMemory, isAtReceiveMaximum: () => boolean) {
    this.#memory = memory;
    this.isAtReceiveMaximum = isAtReceiveMaximum;
  }

  get count(): number {
    return this.#messages.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(message: TrackedMessage): boolean {
    return this.#messages.has(message as HeldMessage);
  }

  add(message: HeldMessage): void {
    this.#messages.add(message);
    this.#bytes += message.bytes;
    this.#memory.change(this, 1, message.bytes);
  }

  /** Call it after the acknowledgement, which can let the session continue to read. */
  remove(message: HeldMessage): void {
    this.#messages.delete(message);
    this.#bytes -= message.bytes;
    this.#memory.change(this, -1, -message.bytes);
  }

  /** Age of the oldest message in milliseconds. 0 if no message is held. */
  get oldestAgeMs(): number {
    const [oldest] = this.#messages;
    return oldest === undefined ? 0 : Math.trunc(performance.now()) - oldest.heldSinceMs;
  }

  /** Returns `undefined` to continue reading, or a promise that resolves when reading may continue. */
  pauseIfFull(): Promise<void> | undefined {
    if (!this.#memory.pause(this)) return undefined;
    return new Promise((resolve) => this.#resumes.push(resolve));
  }

  resume(): void {
    for (const resume of this.#resumes.splice(0)) resume();
  }
}
