/**
 * Compares the shim with readable-stream in both uses of mqtt.js: the Writable of its parser, and the Readable of its
 * store.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Readable, Writable } from "../../../web-client/mqtt-slim/shims/streams.ts";
import { readableStream } from "../../support/mqtt-slim/originals.ts";

type AnyWritable = Writable | InstanceType<typeof readableStream.Writable>;
type AnyReadable = Readable | InstanceType<typeof readableStream.Readable>;

const writables: readonly [string, () => AnyWritable][] = [
  ["readable-stream", () => new readableStream.Writable()],
  ["shim", () => new Writable()],
];
const readables: readonly [string, () => AnyReadable][] = [
  ["readable-stream", () => new readableStream.Readable({ objectMode: true })],
  ["shim", () => new Readable()],
];

describe.each(writables)("Writable of %s", (_, create) => {
  it("writes one chunk at a time, in order, after the previous one is done", async () => {
    const writable = create();
    const seen: string[] = [];
    const done: (() => void)[] = [];
    writable._write = (chunk: unknown, _encoding: string, next: () => void) => {
      seen.push(String(chunk));
      done.push(next);
    };
    for (const text of ["a", "b", "c"]) writable.write(Buffer.from(text));
    expect(seen).toEqual(["a"]);
    done.shift()?.();
    await nextTurn();
    expect(seen).toEqual(["a", "b"]);
    done.shift()?.();
    await nextTurn();
    done.shift()?.();
    await nextTurn();
    writable.write(Buffer.from("d"));
    expect(seen).toEqual(["a", "b", "c", "d"]);
  });

  it("writes many chunks that are done synchronously", async () => {
    const writable = create();
    let count = 0;
    writable._write = (_chunk: unknown, _encoding: string, next: () => void) => {
      count += 1;
      // All other chunks wait for the first one, and then each is done before the next one is written.
      if (count === 1) setTimeout(next);
      else next();
    };
    for (let i = 0; i < 20_000; i += 1) writable.write(Buffer.from("x"));
    expect(count).toBe(1);
    await expect.poll(() => count).toBe(20_000);
  });

  it("emits drain when it has space again after write() returned false", async () => {
    const writable = create();
    const seen: unknown[] = [];
    writable.on("drain", () => seen.push("drain"));
    writable._write = (_chunk: unknown, _encoding: string, next: () => void) => {
      setTimeout(() => {
        seen.push("done");
        next();
      });
    };
    // Larger than the high-water mark of both streams.
    seen.push(writable.write(Buffer.alloc(100_000)));
    await expect.poll(() => seen).toEqual([false, "done", "drain"]);
  });
});

describe.each(readables)("Readable of %s", (_, create) => {
  /** Reads like mqtt.js after connecting (`storeDeliver` in client.js). */
  const readAll = async (readable: AnyReadable, pauseMs?: number): Promise<unknown[]> => {
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      readable.on("end", () => resolve());
      const deliver = (): void => {
        const item: unknown = readable.read(1);
        if (item === null) {
          readable.once("readable", deliver);
          return;
        }
        seen.push(item);
        if (pauseMs === undefined) deliver();
        else setTimeout(deliver, pauseMs);
      };
      deliver();
    });
    return seen;
  };

  const fill = (readable: AnyReadable, items: readonly unknown[]): AnyReadable => {
    const waiting = [...items];
    readable._read = () => void readable.push(waiting.shift() ?? null);
    return readable;
  };

  it.each([0, 1, 2, 40])("returns %i objects in order and then ends", async (count) => {
    const items = Array.from({ length: count }, (_, i) => ({ i }));
    expect(await readAll(fill(create(), items))).toEqual(items);
    expect(await readAll(fill(create(), items), 0)).toEqual(items);
  });

  it("waits for objects that are pushed later", async () => {
    const readable = create();
    const items = [1, 2, 3];
    const waiting: unknown[] = [...items];
    readable._read = () => void setTimeout(() => readable.push(waiting.shift() ?? null), 1);
    expect(await readAll(readable)).toEqual(items);
  });

  it("emits end after the read that returned null, not during it", async () => {
    const readable = fill(create(), []);
    const seen: unknown[] = [];
    readable.on("end", () => seen.push("end"));
    seen.push(readable.read(1));
    expect(seen).toEqual([null]);
    await expect.poll(() => seen).toEqual([null, "end"]);
  });
});
