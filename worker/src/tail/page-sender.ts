/**
 * Sends packets to a client within a limit of unread bytes. A Worker cannot query how many bytes a WebSocket has buffered,
 * so MQTT acknowledgements measure it: a QoS 1 message is inserted at intervals, and its PUBACK shows that everything before
 * it was read. Above the limit messages are skipped and counted; the next inserted message carries the count.
 */
import { MAX_PACKET_BYTES, MAX_TAIL_UNREAD_BYTES } from "#contract/wire/limits.ts";
import { writeSkipped } from "./packets.ts";

/** A QoS 1 message is inserted after this many bytes. */
const ACK_INTERVAL_BYTES = 32_768;

/** A QoS 1 message that the client has not acknowledged yet. */
interface PendingAck {
  readonly messageId: number;
  /** Bytes sent up to and including the message. */
  readonly sentBytes: number;
}

/** Unpredictable, so that a client cannot acknowledge a message that it has not read. */
const randomMessageId = (): number => {
  const [value = 0] = crypto.getRandomValues(new Uint16Array(1));
  return value === 0 ? 1 : value;
};

export class PageSender {
  readonly #write: (packet: Uint8Array) => void;
  readonly #pendingAcks: PendingAck[] = [];
  #sentBytes = 0;
  #readBytes = 0;
  #sentBytesAtLastAckRequest = 0;
  #skipped = 0;
  #reportedSkipped = 0;

  constructor(write: (packet: Uint8Array) => void) {
    this.#write = write;
  }

  /** Sends the response to a request of the client. Returns `false` if the client keeps sending requests without reading. */
  respond(packet: Uint8Array): boolean {
    this.#send(packet);
    return this.#unreadBytes <= MAX_TAIL_UNREAD_BYTES + 2 * MAX_PACKET_BYTES;
  }

  /** Sends a message, or skips it above the limit. A single message of any size may exceed the limit. */
  publish(packet: Uint8Array): void {
    if (this.#unreadBytes > MAX_TAIL_UNREAD_BYTES) this.#skipped += 1;
    else this.#send(packet);
  }

  /** Returns `false` if this is not the message that the client had to acknowledge next. */
  acknowledge(messageId: number): boolean {
    const pending = this.#pendingAcks.shift();
    if (pending?.messageId !== messageId) return false;
    this.#readBytes = pending.sentBytes;
    if (this.#skipped > this.#reportedSkipped) this.#requestAck();
    return true;
  }

  get #unreadBytes(): number {
    return this.#sentBytes - this.#readBytes;
  }

  #send(packet: Uint8Array): void {
    this.#sentBytes += packet.byteLength;
    this.#write(packet);
    if (this.#sentBytes - this.#sentBytesAtLastAckRequest >= ACK_INTERVAL_BYTES) this.#requestAck();
  }

  #requestAck(): void {
    let messageId = randomMessageId();
    while (this.#pendingAcks.some((pending) => pending.messageId === messageId)) messageId = randomMessageId();
    this.#reportedSkipped = this.#skipped;
    const packet = writeSkipped(messageId, this.#skipped);
    this.#sentBytes += packet.byteLength;
    this.#sentBytesAtLastAckRequest = this.#sentBytes;
    this.#write(packet);
    this.#pendingAcks.push({ messageId, sentBytes: this.#sentBytes });
  }
}
