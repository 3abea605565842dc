/**
 * Cuts a stream of bytes into MQTT packets by their fixed headers (MQTT 5.0, 2.1), and looks no further into them. Holds
 * one unfinished packet at the most, and no packet beyond its bound.
 */
import { joinBytes } from "../join-bytes.ts";

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

export class PacketFramer {
  readonly #maxBytes: number;
  /** Parts of a packet that is not whole yet; they are joined once it is, however small they come. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #wantedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The packets that are whole with these bytes. Throws {@link FramingError}. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    this.#parts.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#bytes < this.#wantedBytes) return;
    let rest = joinBytes(this.#parts, this.#bytes);
    let size = sizeOf(rest);
    for (; size !== undefined; size = sizeOf(rest)) {
      if (size > this.#maxBytes) throw new FramingError("too_large");
      if (rest.byteLength < size) break;
      yield rest.subarray(0, size);
      rest = rest.subarray(size);
    }
    this.#parts = rest.byteLength === 0 ? [] : [rest.slice()];
    this.#bytes = rest.byteLength;
    this.#wantedBytes = size ?? 0;
  }
}
