/** Compares WebSocketStream with the stream that mqtt.js builds for browsers, both on a scripted WebSocket. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { IClientOptions, MqttClient } from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { Writable } from "../../../web-client/mqtt-slim/shims/streams.ts";
import { WebSocketStream } from "../../../web-client/mqtt-slim/web-socket-stream.ts";
import { browserStreamBuilder, readableStream } from "../../support/mqtt-slim/originals.ts";

class ScriptedSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 0;
  binaryType = "blob";
  bufferedAmount = 0;
  readonly frames: string[] = [];
  closed = 0;

  send(bytes: Uint8Array): void {
    this.frames.push(Buffer.from(bytes).toString());
  }
  close(): void {
    this.closed += 1;
    this.readyState = 2;
  }
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  receive(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
  /** Simulates events that are caused by the server or the network. */
  finish(kind: "close" | "error"): void {
    this.readyState = 3;
    this.dispatchEvent(new Event(kind));
  }
}

const OPTIONS = { browserBufferSize: 100, browserBufferTimeout: 5 };

type Stream = WebSocketStream | ReturnType<typeof browserStreamBuilder>;
type Sink = Writable | InstanceType<typeof readableStream.Writable>;

const kinds: readonly [string, (socket: ScriptedSocket) => Stream, () => Sink][] = [
  [
    "mqtt.js",
    (socket) => {
      const options = { hostname: "h", protocol: "ws", ...OPTIONS, createWebsocket: () => socket };
      return browserStreamBuilder({} as MqttClient, options as IClientOptions);
    },
    () => new readableStream.Writable(),
  ],
  ["the shim", (socket) => new WebSocketStream(socket as unknown as WebSocket, OPTIONS), () => new Writable()],
];

describe.each(kinds)("the stream on a WebSocket: %s", (_, create, createSink) => {
  const start = () => {
    const socket = new ScriptedSocket();
    const stream = create(socket);
    const seen: string[] = [];
    const received: string[] = [];
    const events = stream as WebSocketStream;
    events.on("close", () => seen.push("close"));
    events.on("error", (error) => seen.push((error as Error).message));
    events.on("drain", () => seen.push("drain"));
    const sink = createSink();
    sink._write = (chunk: unknown, _encoding: string, done: () => void) => {
      received.push(String(chunk));
      setTimeout(done);
    };
    events.pipe(sink as Writable);
    onTestFinished(() => void stream.destroy());
    return { socket, stream: events, seen, received };
  };

  it("buffers data until the WebSocket is open, and then sends it", async () => {
    const { socket, stream } = start();
    stream.cork();
    stream.write(Buffer.from("CON"));
    stream.write("NECT");
    stream.uncork();
    await nextTurn();
    expect(socket.frames).toEqual([]);
    socket.open();
    await nextTurn();
    expect(socket.frames.join("")).toBe("CONNECT");
    expect(socket.binaryType).toBe("arraybuffer");
  });

  it("sends data written while corked as one frame", async () => {
    const { socket, stream } = start();
    socket.open();
    stream.cork();
    for (const part of ["a", Buffer.from("б"), new TextEncoder().encode("c")]) stream.write(part);
    expect(socket.frames).toEqual([]);
    stream.uncork();
    await nextTurn();
    expect(socket.frames).toEqual(["aбc"]);
  });

  it("sends nothing until uncork() was called as often as cork()", async () => {
    const { socket, stream } = start();
    socket.open();
    stream.cork();
    stream.cork();
    stream.write("a");
    stream.uncork();
    await nextTurn();
    expect(socket.frames).toEqual([]);
    stream.uncork();
    await nextTurn();
    expect(socket.frames).toEqual(["a"]);
  });

  it("passes on received binary and text frames in order", async () => {
    const { socket, received } = start();
    socket.open();
    for (let i = 0; i < 50; i += 1) socket.receive(i % 2 === 0 ? `${i}` : new TextEncoder().encode(`${i}`).buffer);
    await expect.poll(() => received.join()).toBe(Array.from({ length: 50 }, (_, i) => i).join());
  });

  it("sends nothing while the WebSocket's buffer is full, and all data afterwards", async () => {
    const { socket, stream } = start();
    socket.open();
    socket.bufferedAmount = 101;
    for (const part of ["a", "b", "c"]) stream.write(part);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(socket.frames).toEqual([]);
    socket.bufferedAmount = 0;
    await expect.poll(() => socket.frames.join("")).toBe("abc");
  });

  it("emits drain once after write() returned false", async () => {
    const { socket, stream, seen } = start();
    socket.open();
    socket.bufferedAmount = 101;
    // Larger than the high-water marks of both streams. The original emits further `drain` events.
    let hasRoom = true;
    for (let i = 0; i < 200; i += 1) hasRoom = stream.write("x".repeat(1_000)) && hasRoom;
    expect(hasRoom).toBe(false);
    expect(seen).toEqual([]);
    socket.bufferedAmount = 0;
    await expect.poll(() => seen).toEqual(["drain"]);
    expect(socket.frames.join("")).toHaveLength(200_000);
  });

  it("closes when the WebSocket closes", async () => {
    const { socket, seen } = start();
    socket.open();
    socket.finish("close");
    await expect.poll(() => seen).toEqual(["close"]);
  });

  it("passes on an error, and closes", async () => {
    const { socket, seen } = start();
    socket.finish("error");
    socket.finish("close");
    await expect.poll(() => seen).toEqual(["WebSocket error", "close"]);
  });

  it("closes at once when it is destroyed, and ignores later data", async () => {
    const { socket, stream, seen, received } = start();
    socket.open();
    stream.destroy();
    stream.write("late");
    socket.receive("late");
    await expect.poll(() => seen).toEqual(["close"]);
    expect([socket.closed > 0, socket.frames, received]).toEqual([true, [], []]);
    socket.finish("close");
    await nextTurn();
    expect(seen).toEqual(["close"]);
  });

  it("sends buffered data before it ends, and closes with the WebSocket", async () => {
    const { socket, stream, seen, received } = start();
    socket.open();
    stream.write("DISCONNECT");
    await new Promise<void>((resolve) => stream.end(resolve));
    socket.receive("late");
    await nextTurn();
    expect([socket.frames, socket.closed > 0, seen, received]).toEqual([["DISCONNECT"], true, [], []]);
    socket.finish("close");
    await expect.poll(() => seen).toEqual(["close"]);
  });

  it("drops buffered data when it ends before the WebSocket is open", async () => {
    const { socket, stream, seen } = start();
    stream.write("CONNECT");
    stream.end();
    await nextTurn();
    socket.finish("close");
    await expect.poll(() => seen).toEqual(["close"]);
    expect([socket.frames, socket.closed > 0]).toEqual([[], true]);
  });
});

it("passes a large frame to the sink in chunks, because mqtt.js is slow with many packets in one", () => {
  const socket = new ScriptedSocket();
  const stream = new WebSocketStream(socket as unknown as WebSocket);
  const sink = new Writable();
  const chunks: Uint8Array[] = [];
  sink._write = (chunk, _encoding, done) => {
    chunks.push(chunk as Uint8Array);
    done();
  };
  stream.pipe(sink);
  const frame = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251);
  socket.receive(frame.buffer);
  expect(chunks.map(({ length }) => length)).toEqual([8_192, 8_192, 3_616]);
  expect(Buffer.concat(chunks).equals(frame)).toBe(true);
});
