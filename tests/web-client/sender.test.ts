/**
 * The sender with a link whose results the test decides.
 */
import { expect, it } from "vitest";
import type { Chunk } from "../../web-client/logger/outbox/chunk.ts";
import { createOutbox } from "../../web-client/logger/outbox/outbox.ts";
import type { SendResult } from "../../web-client/logger/send/link.ts";
import { createSender } from "../../web-client/logger/send/sender.ts";
import { DEFAULT_TUNING } from "../../web-client/logger/tuning.ts";
import { FAST } from "../support/web-client/fast-tuning.ts";

const chunkOf = (ids: string): Chunk => {
  const chunk: Chunk = { _key: `owner.${ids}`, _head: "{}", _events: [] };
  for (const id of ids) chunk._events.push({ id, severity: "info", _json: `"${id}"`, _chunk: chunk });
  return chunk;
};

const receiptOf = (stored: number): SendResult => ({
  state: "receipt",
  receipt: { v: 1, stored, duplicates: 0, rejected: [] },
});

/** A sender with a link that takes one result for each batch; afterwards batches have no result. It retries only by `retryNow`. */
const start = (...results: readonly SendResult[]) => {
  const sent: string[] = [];
  const seen: string[] = [];
  const tuning = { ...DEFAULT_TUNING, ...FAST, retryBaseMs: 1e9, maxRetryMs: 1e9 };
  const outbox = createOutbox(() => {}, new Set(), tuning);
  const sender = createSender({
    outbox,
    tuning,
    encode: (_id, events) => events.map(({ id }) => id).join(""),
    onAccepted: () => {},
    onRejected: () => {},
    onTooLarge: () => {},
    onResult: ({ state }) => void seen.push(state),
  });
  sender.useLink({
    kind: "http",
    send: ({ body }) => Promise.resolve(results[sent.push(body) - 1] ?? new Promise<SendResult>(() => {})),
    closed: new Promise(() => {}),
    close: () => {},
  });
  return { sent, seen, outbox, sender };
};

it("a retry leaves out events that have an outcome by now, and is skipped if all have", async () => {
  const { sent, seen, outbox, sender } = start({ state: "retry" }, { state: "retry" });
  const [first, second] = [chunkOf("ab"), chunkOf("c")];
  outbox.add(first);
  void sender.flush(10_000);
  await expect.poll(() => seen).toEqual(["retry"]);
  // A request on page hide has stored one event.
  sender.settle(first._events.slice(0, 1), receiptOf(1));
  sender.retryNow();
  await expect.poll(() => seen).toEqual(["retry", "retry"]);
  expect(sent).toEqual(["ab", "b"]);
  sender.settle(first._events.slice(1), receiptOf(1));
  outbox.add(second);
  sender.retryNow();
  expect(sent).toEqual(["ab", "b", "c"]);
});
