/**
 * The stream that mqtt.js uses as its connection. Replaces its browser stream (connect/ws.js and BufferedDuplex.js on top of
 * readable-stream), and writes directly to a WebSocket.
 *
 * Data written while corked is sent as one frame. Above `browserBufferSize` buffered bytes nothing more is passed to the
 * WebSocket. It has no event for free space, so its buffer is polled.
 */
import type { IClientOptions } from "mqtt";
import { Buffer } from "./shims/buffer.ts";
import { EventEmitter } from "./shims/events.ts";
import { nextTick } from "./shims/next-tick.ts";
import type { Writable } from "./shims/streams.ts";

const BUFFER_SIZE_BYTES = 512 * 1_024;
const BUFFER_TIMEOUT_MS = 1_000;

/**
 * mqtt.js parses all packets of a chunk before it handles the first one, and each removal from the front of a list with more than about
 * 16,000 packets moves all others. A packet has at least two bytes.
 */
const MAX_CHUNK_BYTES = 8 * 1_024;

export class WebSocketStream extends EventEmitter {
  readonly socket: WebSocket;
  destroyed = false;
  readonly #maxWaitingBytes: number;
  readonly #pollMs: number;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #corks = 0;
  #needsDrain = false;
  #isClosing = false;
  #incoming: Buffer[] = [];
  #sink: Writable | undefined;

  constructor(socket: WebSocket, options: Pick<IClientOptions, "browserBufferSize" | "browserBufferTimeout"> = {}) {
    super();
    this.#maxWaitingBytes = options.browserBufferSize ?? BUFFER_SIZE_BYTES;
    this.#pollMs = options.browserBufferTimeout ?? BUFFER_TIMEOUT_MS;
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#flush());
    socket.addEventListener("message", ({ data }: { readonly data: string | ArrayBuffer }) => {
      // Data received after the client ended the connection is ignored, as in mqtt.js.
      if (this.destroyed || this.#isClosing) return;
      const bytes = Buffer.from(data);
      for (let i = 0; i < bytes.length; i += MAX_CHUNK_BYTES) this.#incoming.push(bytes.slice(i, i + MAX_CHUNK_BYTES));
      this.#deliver();
    });
    socket.addEventListener("error", (event) => this.destroy(Object.assign(new Error("WebSocket error"), { event })));
    socket.addEventListener("close", () => this.destroy());
  }

  /** Supports one destination, whose `drain` event resumes reading. */
  pipe(sink: Writable): Writable {
    this.#sink = sink;
    sink.on("drain", () => this.#deliver());
    this.#deliver();
    return sink;
  }

  cork(): void {
    this.#corks += 1;
  }

  uncork(): void {
    this.#corks -= 1;
    this.#flush();
  }

  /** Returns `false` if the caller should wait for `drain`. Nothing is written after the end. */
  write(chunk: string | Uint8Array): boolean {
    if (this.destroyed || this.#isClosing) return false;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
    const hasRoom = this.#outgoingBytes + this.socket.bufferedAmount <= this.#maxWaitingBytes;
    if (!hasRoom) this.#needsDrain = true;
    this.#flush();
    return hasRoom;
  }

  /** Sends buffered data and closes; emits `close` when the WebSocket is closed. */
  end(done?: () => void): this {
    if (!this.destroyed && !this.#isClosing) {
      this.#isClosing = true;
      this.#corks = 0;
      this.#flush();
      this.socket.close();
    }
    if (done) nextTick(done);
    return this;
  }

  /** Drops buffered data and emits `close` without waiting for the WebSocket. */
  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    clearTimeout(this.#poll);
    this.#outgoing = [];
    this.#incoming = [];
    this.socket.close();
    nextTick(() => {
      if (error) this.emit("error", error);
      this.emit("close");
    });
    return this;
  }

  #flush(): void {
    if (this.destroyed || this.#corks > 0 || this.socket.readyState !== this.socket.OPEN) return;
    clearTimeout(this.#poll);
    if (this.socket.bufferedAmount > this.#maxWaitingBytes && !this.#isClosing) {
      this.#poll = setTimeout(() => this.#flush(), this.#pollMs);
      return;
    }
    if (this.#outgoing.length > 0) this.socket.send(Buffer.concat(this.#outgoing));
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    if (!this.#needsDrain) return;
    this.#needsDrain = false;
    nextTick(() => this.emit("drain"));
  }

  #deliver(): void {
    while (this.#sink !== undefined) {
      const chunk = this.#incoming.shift();
      if (chunk === undefined || !this.#sink.write(chunk)) return;
    }
  }
}
