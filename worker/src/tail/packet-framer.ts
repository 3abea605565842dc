/**
 * Cuts a stream of bytes into MQTT packets by their fixed headers (MQTT 5.0, 2.1), and looks no further into them. Holds
 * one unfinished packet at the most, and no packet beyond its bound.
 */

/** A fixed header is a byte of type and flags, and one to four bytes of length. */
const MAX_LENGTH_BYTES = 4;

/** The peer sent what is no MQTT packet, or one that is larger than allowed. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  readonly reason: "malformed_packet" | "too_large";

  constructor(reason: FramingError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** Size of the packet that `bytes` begins with; `undefined` when its header is not whole yet. */
const sizeOf = (bytes: Uint8Array): number | undefined => {
  let length = 0;
  for (let i = 1; i <= MAX_LENGTH_BYTES; i += 1) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) return 1 + i + length;
  }
  throw new FramingError("malformed_packet");
};

const join = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  if (left.byteLength === 0) return right;
  const whole = new Uint8Array(left.byteLength + right.byteLength);
  whole.set(left);
  whole.set(right, left.byteLength);
  return whole;
};

export class PacketFramer {
  readonly #maxBytes: number;
  #rest = new Uint8Array();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The packets that are whole with these bytes. Throws {@link FramingError}. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    let rest = join(this.#rest, bytes);
    for (let size = sizeOf(rest); size !== undefined; size = sizeOf(rest)) {
      if (size > this.#maxBytes) throw new FramingError("too_large");
      if (rest.byteLength < size) break;
      yield rest.subarray(0, size);
      rest = rest.subarray(size);
    }
    this.#rest = rest.slice();
  }
}
