/**
 * The bytes that mqtt-packet has received and not parsed yet: the part of the package `bl` that its parser calls.
 *
 * `bl` creates a Buffer for each byte that is read and for each that is removed, about ten for a message, which was a fourth
 * of the relay's allocations. This list reads in place.
 */
export class ByteList {
  /** Number of bytes. */
  length = 0;
  #buffers: Buffer[] = [];
  /** Bytes at the start of the first buffer that are already removed. */
  #removed = 0;

  append(buffer: Buffer): this {
    if (buffer.length > 0) {
      this.#buffers.push(buffer);
      this.length += buffer.length;
    }
    return this;
  }

  /** Removes bytes from the start. */
  consume(bytes: number): this {
    let rest = Math.min(bytes, this.length);
    this.length -= rest;
    for (let first = this.#buffers[0]; first !== undefined; first = this.#buffers[0]) {
      const available = first.length - this.#removed;
      if (rest < available) {
        this.#removed += rest;
        return this;
      }
      rest -= available;
      this.#buffers.shift();
      this.#removed = 0;
    }
    return this;
  }

  readUInt8(offset: number): number {
    const first = this.#buffers[0];
    const start = this.#removed + offset;
    if (first !== undefined && start < first.length) return first.readUInt8(start);
    return this.slice(offset, offset + 1).readUInt8();
  }

  readUInt16BE(offset: number): number {
    const first = this.#buffers[0];
    const start = this.#removed + offset;
    if (first !== undefined && start + 2 <= first.length) return first.readUInt16BE(start);
    return this.slice(offset, offset + 2).readUInt16BE();
  }

  readUInt32BE(offset: number): number {
    const first = this.#buffers[0];
    const start = this.#removed + offset;
    if (first !== undefined && start + 4 <= first.length) return first.readUInt32BE(start);
    return this.slice(offset, offset + 4).readUInt32BE();
  }

  /** A view of one buffer, or a copy if the bytes are in several. */
  slice(start: number, end: number): Buffer {
    const first = this.#buffers[0];
    if (first === undefined || start >= end) return Buffer.alloc(0);
    const from = this.#removed + start;
    const to = this.#removed + Math.min(end, this.length);
    if (to <= first.length) return first.subarray(from, to);
    const copy = Buffer.allocUnsafe(to - from);
    let position = 0;
    let bufferStart = 0;
    for (const buffer of this.#buffers) {
      if (bufferStart >= to) break;
      if (bufferStart + buffer.length > from) {
        position += buffer.copy(copy, position, Math.max(0, from - bufferStart), to - bufferStart);
      }
      bufferStart += buffer.length;
    }
    return copy;
  }

  toString(encoding: BufferEncoding, start: number, end: number): string {
    const first = this.#buffers[0];
    const to = this.#removed + Math.min(end, this.length);
    if (first !== undefined && to <= first.length) return first.toString(encoding, this.#removed + start, to);
    return this.slice(start, end).toString(encoding);
  }
}
