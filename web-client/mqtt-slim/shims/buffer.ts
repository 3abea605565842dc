/**
 * The methods of `buffer` that mqtt.js and mqtt-packet use. UTF-8 is the only encoding.
 *
 * As in Node, `slice` shares memory (in a plain Uint8Array it copies) and reading past the end throws.
 */
const encoder = new TextEncoder();
// A byte order mark is part of the text, as in Buffer.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const requireUtf8 = (encoding: string | undefined): void => {
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw new TypeError(`Unknown encoding: ${encoding}`);
};

/** Without Uint8Array's static methods, whose signatures are not Buffer's. */
const Bytes: new (
  source: number | ArrayBuffer | ArrayLike<number>,
  offset?: number,
  length?: number,
) => Uint8Array<ArrayBuffer> = Uint8Array;

export class Buffer extends Bytes {
  /** Text is encoded, views and arrays are copied, and an ArrayBuffer is shared. */
  static from(
    source: string | ArrayBuffer | ArrayLike<number>,
    encodingOrOffset?: string | number,
    length?: number,
  ): Buffer {
    if (typeof source === "string") {
      requireUtf8(encodingOrOffset as string | undefined);
      return Buffer.from(encoder.encode(source).buffer);
    }
    if (ArrayBuffer.isView(source) || Array.isArray(source)) return new Buffer(source);
    return new Buffer(source, encodingOrOffset as number | undefined, length);
  }

  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }

  static isBuffer(value: unknown): value is Buffer {
    return value instanceof Buffer;
  }

  static byteLength(value: string | ArrayBufferLike | ArrayBufferView): number {
    return typeof value === "string" ? encoder.encode(value).length : value.byteLength;
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((length, part) => length + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  }

  override slice(start?: number, end?: number): Buffer {
    return this.subarray(start, end) as Buffer;
  }

  override toString(encoding?: string, start = 0, end = this.length): string {
    requireUtf8(encoding);
    return decoder.decode(this.subarray(Math.max(start, 0), Math.max(end, 0)));
  }

  copy(target: Uint8Array, targetStart = 0, start = 0, end = this.length): number {
    const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
    target.set(part, targetStart);
    return part.length;
  }

  write(text: string, offset = 0): number {
    return encoder.encodeInto(text, this.subarray(offset)).written;
  }

  writeUInt8(value: number, offset = 0): number {
    this[offset] = value;
    return offset + 1;
  }

  writeUInt32BE(value: number, offset = 0): number {
    this.set([value >>> 24, value >>> 16, value >>> 8, value], offset);
    return offset + 4;
  }

  readUInt8(offset = 0): number {
    const byte = this[offset];
    if (byte === undefined) throw new RangeError(`No byte at ${offset} of ${this.length}`);
    return byte;
  }

  readUInt16BE(offset = 0): number {
    return this.readUInt8(offset) * 0x100 + this.readUInt8(offset + 1);
  }

  readUInt32BE(offset = 0): number {
    return this.readUInt16BE(offset) * 0x1_00_00 + this.readUInt16BE(offset + 2);
  }
}
