/**
 * The fields of protobuf messages, without objects for their values. A message of two bytes becomes an object of several hundred
 * bytes, so a request is counted before it is decoded.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** The bytes are not protobuf. */
export class MalformedProtobuf extends Error {
  override readonly name = "MalformedProtobuf";
}

/** A field of a message. */
export interface WireField {
  readonly number: number;
  /** Whether the field has a length: a text, bytes or a message. */
  readonly isDelimited: boolean;
  /** The position of the field's tag. */
  readonly tagStart: number;
  /** The position of the value, after its length. */
  readonly start: number;
  readonly end: number;
}

const [VARINT, FIXED_64, DELIMITED, FIXED_32] = [0, 1, 2, 5];
const MAX_VARINT_BYTES = 10;

/** The fields between two positions, in their order. Throws {@link MalformedProtobuf}. */
export function* readFields(bytes: Uint8Array, from: number, to: number): Generator<WireField, void> {
  let position = from;
  /** Numbers above 2^53 lose digits: only the tag and the length are used, which are small. */
  const readVarint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES && position < to; i += 1) {
      const byte = bytes[position] ?? 0;
      position += 1;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new MalformedProtobuf("a number does not end");
  };
  while (position < to) {
    const tagStart = position;
    const tag = readVarint();
    const type = tag % 8;
    let start = position;
    if (type === VARINT) readVarint();
    else if (type === FIXED_64) position += 8;
    else if (type === FIXED_32) position += 4;
    else if (type === DELIMITED) {
      const length = readVarint();
      start = position;
      position += length;
    } else throw new MalformedProtobuf(`unknown wire type ${type}`);
    if (position > to) throw new MalformedProtobuf("a field does not end");
    yield { number: Math.floor(tag / 8), isDelimited: type === DELIMITED, tagStart, start, end: position };
  }
}
