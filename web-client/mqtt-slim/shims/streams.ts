/**
 * What is left of `readable-stream` when the connection is a WebSocketStream: the Writable that feeds mqtt.js's parser,
 * one chunk at a time, and the Readable through which its store hands out what was not acknowledged.
 */
import { EventEmitter } from "./events.ts";
import { nextTick } from "./next-tick.ts";

/** `_write` is set by its user. */
export class Writable extends EventEmitter {
  declare _write: (chunk: unknown, encoding: string, done: () => void) => void;
  #waiting: unknown[] = [];
  #isBusy = false;

  /** `false` asks to wait for `drain`. */
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

/** Of objects. `_read` is set by its user and calls `push`, at once or later. */
export class Readable extends EventEmitter {
  declare _read: (size: number) => void;
  #items: unknown[] = [];
  #isReading = false;
  #hasEnded = false;
  #isEndSaid = false;

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
    if (this.#hasEnded && !this.#isEndSaid) {
      this.#isEndSaid = true;
      nextTick(() => this.emit("end"));
    }
    return null;
  }

  destroy(): this {
    nextTick(() => this.emit("close"));
    return this;
  }
}
