/**
 * What goes to a page, within a bound of what it has not read yet. A Worker can't ask a WebSocket how much waits in it, so
 * MQTT's own acknowledgement tells: every so many bytes a message of QoS 1 goes with them, and its PUBACK shows that all
 * before it was read. Past the bound messages are left out and counted, and the count goes with the next such message.
 */
import { MAX_PACKET_BYTES, MAX_TAIL_UNREAD_BYTES } from "#contract/wire/limits.ts";
import { writeFlow } from "./packets.ts";

/** A message of QoS 1 goes along each time. */
const FLOW_EVERY_BYTES = 32_768;

interface Mark {
  readonly messageId: number;
  /** Bytes sent up to and with it. */
  readonly sentBytes: number;
}

/** Not to be guessed: a page that does not read can't acknowledge. */
const randomMessageId = (): number => {
  const [value = 0] = crypto.getRandomValues(new Uint16Array(1));
  return value === 0 ? 1 : value;
};

export class Outflow {
  readonly #write: (packet: Uint8Array) => void;
  readonly #marks: Mark[] = [];
  #sentBytes = 0;
  #readBytes = 0;
  #markedBytes = 0;
  #skipped = 0;
  #toldSkipped = 0;

  constructor(write: (packet: Uint8Array) => void) {
    this.#write = write;
  }

  /** Sends what answers the page itself. `false`: it asks, and does not read the answers. */
  answer(packet: Uint8Array): boolean {
    this.#send(packet);
    return this.#unreadBytes <= MAX_TAIL_UNREAD_BYTES + 2 * MAX_PACKET_BYTES;
  }

  /** Sends a message, or leaves it out. One of any size may go beyond the bound. */
  publish(packet: Uint8Array): void {
    if (this.#unreadBytes > MAX_TAIL_UNREAD_BYTES) this.#skipped += 1;
    else this.#send(packet);
  }

  /** `false`: this is not what the page had to acknowledge next. */
  acknowledge(messageId: number): boolean {
    const mark = this.#marks.shift();
    if (mark?.messageId !== messageId) return false;
    this.#readBytes = mark.sentBytes;
    if (this.#skipped > this.#toldSkipped) this.#mark();
    return true;
  }

  get #unreadBytes(): number {
    return this.#sentBytes - this.#readBytes;
  }

  #send(packet: Uint8Array): void {
    this.#sentBytes += packet.byteLength;
    this.#write(packet);
    if (this.#sentBytes - this.#markedBytes >= FLOW_EVERY_BYTES) this.#mark();
  }

  #mark(): void {
    let messageId = randomMessageId();
    while (this.#marks.some((mark) => mark.messageId === messageId)) messageId = randomMessageId();
    this.#toldSkipped = this.#skipped;
    const packet = writeFlow(messageId, this.#skipped);
    this.#sentBytes += packet.byteLength;
    this.#markedBytes = this.#sentBytes;
    this.#write(packet);
    this.#marks.push({ messageId, sentBytes: this.#sentBytes });
  }
}
