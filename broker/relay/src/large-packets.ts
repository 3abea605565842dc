/**
 * Limits the memory of large packets that are being received by all connections together. mqtt.js passes a message on when its packet is
 * complete, so otherwise each of many connections could hold a part of a large one that no limit counts, and then the message.
 *
 * A connection that has received more than {@link MAX_SMALL_BYTES} of a packet waits for a permit to continue. Smaller packets do not
 * wait, so they are not delayed by large ones.
 */
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";

/** Node.js reads as much at a time, so a smaller limit would not save memory. */
export const MAX_SMALL_BYTES = 65_536;

export class LargePackets {
  readonly #hasSpace: (reservedBytes: number) => boolean;
  /** Called with a permit, in the order of the requests. */
  readonly #waiting = new Set<() => void>();
  #permits = 0;

  /** `hasSpace`: whether there is space for another packet if those that are being received have these bytes. */
  constructor(hasSpace: (reservedBytes: number) => boolean) {
    this.#hasSpace = hasSpace;
  }

  /** Returns true if the connection has a permit now. Otherwise calls `onPermit` when it has one. */
  request(onPermit: () => void): boolean {
    if (this.#waiting.size === 0 && this.#takePermit()) return true;
    this.#waiting.add(onPermit);
    return false;
  }

  /** Ends a request that has no permit yet. */
  cancel(onPermit: () => void): void {
    this.#waiting.delete(onPermit);
  }

  /** Returns a permit. */
  release(): void {
    this.#permits -= 1;
    this.permitWaiting();
  }

  /** Call it when there may be more space. */
  permitWaiting(): void {
    for (const onPermit of this.#waiting) {
      if (!this.#takePermit()) return;
      this.#waiting.delete(onPermit);
      onPermit();
    }
  }

  #takePermit(): boolean {
    if (!this.#hasSpace(this.#permits * MAX_PACKET_BYTES)) return false;
    this.#permits += 1;
    return true;
  }
}
