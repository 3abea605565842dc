/**
 * The parts of `readable-stream` that are needed in addition to WebSocketStream: the Writable that passes chunks to
 * mqtt.js's parser, and the Readable from which its store returns unacknowledged packets.
 */
import { EventEmitter } from "./events.ts";
import { nextTick } from "./next-tick.ts";

/** `_write` is set by the caller. */
export class Writable extends EventEmitter {
  declare _write: (chunk: unknown, encoding: string, done: () => void) => void;
  #waiting: unknown[] = [];
  #isBusy = false;

  /** Returns `false` if the caller should wait for `drain`. */
  write(chunk: unknown): boolean {
    this.#waiting.push(chunk);
    this.#next();
    return !this.#isBusy;
  }

  #next(): void {
    while (!this.#isBusy && this.#waiting.length > 0) {
      this.#isBusy = true;
      let isNow = true;
      this._write(this.#waiting.shift(), "buffer", () => {
        this.#isBusy = false;
        if (isNow) return;
        this.#next();
        if (!this.#isBusy) this.emit("drain");
      });
      isNow = false;
    }
  }
}

/** A stream of objects. `_read` is set by the caller and calls `push`, at once or later. */
export class Readable extends EventEmitter {
  declare _read: (size: number) => void;
  #items: unknown[] = [];
  #isReading = false;
  #hasEnded = false;
  #hasEmittedEnd = false;

  /** `null` ends the stream. */
  push(item: unknown): boolean {
    this.#isReading = false;
    if (item === null) this.#hasEnded = true;
    else this.#items.push(item);
    nextTick(() => this.emit("readable"));
    return true;
  }

  read(): unknown {
    if (this.#items.length === 0 && !this.#hasEnded && !this.#isReading) {
      this.#isReading = true;
      this._read(1);
    }
    if (this.#items.length > 0) return this.#items.shift();
    if (this.#hasEnded && !this.#hasEmittedEnd) {
      this.#hasEmittedEnd = true;
      nextTick(() => this.emit("end"));
    }
    return null;
  }

  destroy(): this {
    nextTick(() => this.emit("close"));
    return this;
  }
}
