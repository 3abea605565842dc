/**
 * The sender with a link whose results the test decides.
 */
import { describe, expect, it } from "vitest";
import type { Chunk } from "../../web-client/logger/outbox/chunk.ts";
import { createOutbox } from "../../web-client/logger/outbox/outbox.ts";
import type { SendResult } from "../../web-client/logger/send/link.ts";
import { createSender } from "../../web-client/logger/send/sender.ts";
import { DEFAULT_TUNING, type Tuning } from "../../web-client/logger/tuning.ts";
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

/** Retries only by `retryNow`. */
const ON_CALL = { retryBaseMs: 1e9, maxRetryMs: 1e9, deniedRetryMs: 1e9 };

/** A sender with a link whose result for each batch is a function of its events; without one it never ends. */
const startWith = (resultOf: (ids: string) => SendResult | undefined, changes: Partial<Tuning> = ON_CALL) => {
  const sent: string[] = [];
  const seen: string[] = [];
  const stored: string[] = [];
  const tuning = { ...DEFAULT_TUNING, ...FAST, ...changes };
  const outbox = createOutbox(() => {}, new Set(), tuning);
  const sender = createSender({
    _outbox: outbox,
    _tuning: tuning,
    _encode: (_id, events) => events.map(({ id }) => id).join(""),
    _onAccepted: (events) => void stored.push(...events.map(({ id }) => id)),
    _onRejected: () => {},
    _onTooLarge: () => {},
    _onResult: ({ state }) => void seen.push(state),
  });
  sender._useLink({
    kind: "http",
    send({ body }) {
      sent.push(body);
      return Promise.resolve(resultOf(body) ?? new Promise<SendResult>(() => {}));
    },
    closed: new Promise(() => {}),
    close: () => {},
  });
  const log = (ids: string): void => {
    outbox._add(chunkOf(ids));
    sender._sendDue();
  };
  return { sent, seen, stored, outbox, sender, log };
};

/** Takes one result for each batch; afterwards batches have no result. */
const start = (...results: readonly SendResult[]) => {
  let count = 0;
  return startWith(() => results[count++]);
};

const RETRY: SendResult = { state: "retry" };

it("a retry leaves out events that have an outcome by now, and is skipped if all have", async () => {
  const { sent, seen, outbox, sender } = start({ state: "retry" }, { state: "retry" });
  const [first, second] = [chunkOf("ab"), chunkOf("c")];
  outbox._add(first);
  void sender._flush(10_000);
  await expect.poll(() => seen).toEqual(["retry"]);
  // A request on page hide has stored one event.
  sender._settle(first._events.slice(0, 1), receiptOf(1));
  sender._retryNow();
  await expect.poll(() => seen).toEqual(["retry", "retry"]);
  expect(sent).toEqual(["ab", "b"]);
  sender._settle(first._events.slice(1), receiptOf(1));
  outbox._add(second);
  sender._retryNow();
  expect(sent).toEqual(["ab", "b", "c"]);
});

describe("an event with which each batch fails", () => {
  it.each<SendResult>([
    RETRY,
    { state: "retry", afterMs: 1 },
    { state: "retry", isTooLarge: true },
    { state: "challenged" },
  ])("is alone in its batch in the end, and delays no other event: %j", async (result) => {
    const { sent, stored, outbox, log } = startWith((ids) => (ids.includes("x") ? result : receiptOf(ids.length)), {});
    log("abxcdefg");
    await expect.poll(() => sent.length).toBeGreaterThan(0);
    for (const id of "hijklmn") {
      log(id);
      await expect.poll(() => stored).toContain(id);
    }
    await expect.poll(() => stored.toSorted().join("")).toBe("abcdefghijklmn");
    const before = sent.length;
    await expect.poll(() => sent.slice(before)).toContain("x");
    expect([outbox._waiting, outbox._inFlight]).toEqual([0, 1]);
  });

  it("is found without later events, and although another batch has one, too", async () => {
    const isBad = (ids: string): boolean => /[xyz]/.test(ids);
    const { stored, log } = startWith((ids) => (isBad(ids) ? RETRY : receiptOf(ids.length)), { maxBatchEvents: 8 });
    log("abxcdefghijyzklm");
    await expect.poll(() => stored.toSorted().join("")).toBe("abcdefghijklm");
  });

  it("does not end the backoff of a server that is unavailable", async () => {
    let isOut = false;
    const { sent, seen, stored, outbox, sender, log } = startWith((ids) =>
      isOut || ids.includes("x") ? RETRY : receiptOf(ids.length),
    );
    log("x");
    await expect.poll(() => seen.length).toBe(1);
    log("a");
    sender._retryNow();
    await expect.poll(() => [...stored, sent.length]).toEqual(["a", 3]); // x, a, x
    isOut = true;
    await expect.poll(() => seen.length).toBe(3);
    log("b");
    void sender._flush(10_000);
    for (let attempts = 4; attempts < 20; attempts += 1) {
      await expect.poll(() => seen.length).toBe(attempts);
      log("c");
      expect(sent).toHaveLength(attempts);
      sender._retryNow();
    }
    expect(outbox._waiting).toBeGreaterThan(0);
  });
});

describe("while the server is unavailable", () => {
  const ATTEMPTS = 300;

  it.each<SendResult>([RETRY, { state: "challenged" }, { state: "denied" }])(
    "there is one request for each backoff, and few batches are split: %j",
    async (result) => {
      let isOut = true;
      const { sent, seen, stored, outbox, sender, log } = startWith((ids) => (isOut ? result : receiptOf(ids.length)));
      log("a".repeat(500));
      for (let attempts = 1; attempts < ATTEMPTS; attempts += 1) {
        await expect.poll(() => seen.length).toBe(attempts);
        log("bcd");
        expect(sent).toHaveLength(attempts);
        sender._retryNow();
      }
      await expect.poll(() => seen.length).toBe(ATTEMPTS);
      // The queue can drop only events that wait, so most of them wait.
      expect(outbox._inFlight).toBeLessThan(600);
      isOut = false;
      void sender._flush(10_000);
      sender._retryNow();
      await expect.poll(() => stored.length).toBe(500 + 3 * (ATTEMPTS - 1));
      expect(sent.length).toBeLessThan(ATTEMPTS + 40);
    },
  );

  it.each<SendResult>([
    { state: "retry", isBusy: true },
    { state: "retry", afterMs: 0 },
  ])("a batch is not split if its content cannot be the reason: %j", async (result) => {
    let results = 0;
    const { sent, log, sender } = startWith((ids) =>
      ids.includes("a") ? (results++ < 6 ? result : undefined) : receiptOf(ids.length),
    );
    log("aaaa");
    await expect.poll(() => sent[0]).toBe("aaaa");
    await expect
      .poll(() => {
        log("b");
        sender._retryNow();
        return sent.filter((ids) => ids.includes("a")).length;
      })
      .toBe(7);
    expect(sent.filter((ids) => ids.includes("a"))).toEqual(Array.from({ length: 7 }, () => "aaaa"));
  });
});
