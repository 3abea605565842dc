/**
 * The methods of `bl` that mqtt-packet's parser uses: append bytes, read them, remove them from the front.
 *
 * Chunks are joined when they are read, not when they arrive: a packet in many chunks is copied once.
 */
import { Buffer } from "./buffer.ts";

export class BufferList {
  length = 0;
  #parts: Buffer[] = [];

  append(bytes: Uint8Array<ArrayBuffer>): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.length += bytes.byteLength;
    return this;
  }

  consume(count: number): this {
    const rest = this.slice(Math.max(Math.trunc(count), 0));
    this.#parts = [rest];
    this.length = rest.length;
    return this;
  }

  slice(start?: number, end?: number): Buffer {
    return this.#join().slice(start, end);
  }

  toString(encoding?: string, start?: number, end?: number): string {
    return this.#join().toString(encoding, start, end);
  }

  readUInt8(offset: number): number {
    return this.#join().readUInt8(offset);
  }

  readUInt16BE(offset: number): number {
    return this.#join().readUInt16BE(offset);
  }

  readUInt32BE(offset: number): number {
    return this.#join().readUInt32BE(offset);
  }

  #join(): Buffer {
    const [first] = this.#parts;
    if (first !== undefined && this.#parts.length === 1) return first;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }
}

const createBufferList = (): BufferList => new BufferList();

export { createBufferList as default, createBufferList as "module.exports" };
