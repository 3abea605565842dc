/**
 * Splits a stream of bytes into MQTT packets by their fixed headers (MQTT 5.0, 2.1) without parsing the rest. Buffers at
 * most one incomplete packet, up to a maximum size.
 */
import { joinBytes } from "../join-bytes.ts";

/** A fixed header is one byte of type and flags, and one to four bytes of length. */
const MAX_LENGTH_BYTES = 4;

/** The peer sent a malformed packet, or one that exceeds the maximum size. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  readonly reason: "malformed_packet" | "too_large";

  constructor(reason: FramingError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** Size in bytes of the first packet in `bytes`; `undefined` if its header is incomplete. */
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
  /** Chunks of an incomplete packet. They are joined once, when it is complete, however small the chunks are. */
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #neededBytes = 0;

  /** @param maxBytes Maximum size of a packet. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Yields the packets that these bytes complete. Throws {@link FramingError}. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    this.#chunks.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#bytes < this.#neededBytes) return;
    let rest = joinBytes(this.#chunks, this.#bytes);
    let size = sizeOf(rest);
    for (; size !== undefined; size = sizeOf(rest)) {
      if (size > this.#maxBytes) throw new FramingError("too_large");
      if (rest.byteLength < size) break;
      yield rest.subarray(0, size);
      rest = rest.subarray(size);
    }
    this.#chunks = rest.byteLength === 0 ? [] : [rest.slice()];
    this.#bytes = rest.byteLength;
    this.#neededBytes = size ?? 0;
  }
}
