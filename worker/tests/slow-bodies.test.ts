/** Bodies that are sent slowly, and the memory that they occupy. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FailureError } from "../src/failure.ts";
import { readBody } from "../src/http/read-body.ts";
import { withMemory } from "../src/routes/ingest-memory.ts";

const LIMIT_BYTES = 4_194_304;
const KIB = 1_024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface SlowBody {
  /** Default: unknown to the server. */
  readonly declaredBytes?: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** Sends a chunk every second. */
const toRequest = ({ declaredBytes, bytes, bytesPerSecond }: SlowBody): Request => {
  let timer: ReturnType<typeof setInterval>;
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    type: "bytes",
    start(controller) {
      const send = (): void => {
        controller.enqueue(new Uint8Array(Math.min(left, bytesPerSecond)));
        left -= Math.min(left, bytesPerSecond);
        if (left > 0) return;
        clearInterval(timer);
        controller.close();
      };
      timer = setInterval(send, 1_000);
      send();
    },
    cancel: () => clearInterval(timer),
  } as UnderlyingByteSource as unknown as UnderlyingDefaultSource<Uint8Array>);
  const headers = new Headers(declaredBytes === undefined ? {} : { "Content-Length": String(declaredBytes) });
  return { headers, body } as Request;
};

const context = { waitUntil: () => undefined };

/** Resolves to the length of the body, or to the failure, and to the seconds that it took. */
const receive = async (request: Request, owner: string): Promise<readonly [number | string, number]> => {
  const startMs = Date.now();
  const work = withMemory({ request, context, limitBytes: LIMIT_BYTES, owner }, () => readBody(request, LIMIT_BYTES));
  const outcome = await work.then(
    ({ byteLength }) => byteLength,
    (error: unknown) => (error instanceof FailureError ? error.failure.kind : String(error)),
  );
  return [outcome, Math.floor((Date.now() - startMs) / 1_000)];
};

const MINUTE_MS = 60_000;

it.each<readonly [string, SlowBody, number | string, number]>([
  ["of unknown length, one byte a second", { bytes: 100, bytesPerSecond: 1 }, "body_too_slow", 4],
  ["of 4 MiB, one byte a second", { declaredBytes: LIMIT_BYTES, bytes: 100, bytesPerSecond: 1 }, "body_too_slow", 4],
  ["of unknown length, 16 KiB a second", { bytes: 320 * KIB, bytesPerSecond: 16 * KIB }, 320 * KIB, 19],
  [
    "of 100 KiB from a slow phone",
    { declaredBytes: 100 * KIB, bytes: 100 * KIB, bytesPerSecond: 4 * KIB },
    100 * KIB,
    24,
  ],
  ["of 64 KiB, one byte a second", { declaredBytes: 64 * KIB, bytes: 100, bytesPerSecond: 1 }, "body_timeout", 30],
])("a body %s", async (_, body, outcome, seconds) => {
  const received = receive(toRequest(body), "shop");
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await received).toEqual([outcome, seconds]);
});

it("slow bodies leave memory to other apps when they occupy all of it", async () => {
  const slow = ["a", "b"].flatMap((owner) =>
    [1, 2].map(() => receive(toRequest({ bytes: 100, bytesPerSecond: 1 }), owner)),
  );
  const body = { declaredBytes: 100 * KIB, bytes: 100 * KIB, bytesPerSecond: 100 * KIB };
  const victim = receive(toRequest(body), "victim");
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await victim).toEqual([100 * KIB, 4]);
  expect(await Promise.all(slow)).toEqual(Array.from({ length: 4 }, () => ["body_too_slow", 4]));
});
