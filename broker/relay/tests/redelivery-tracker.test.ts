import { describe, expect, it } from "vitest";
import { AcknowledgedMemory, RedeliveryTracker, type TrackedMessage } from "../src/redelivery-tracker.ts";

const TOPIC = "logs/shop/c1";

const createMessage = (text: string): TrackedMessage => ({
  id: `stamp of ${text}`,
  topic: TOPIC,
  payload: Buffer.from(text),
  digest: undefined,
  bytes: text.length,
  arrivedAtMs: 1,
  replyTo: undefined,
  acknowledge: () => undefined,
  isDone: true,
});

/** Delivers and acknowledges messages with the packet identifiers from 1 to `count`. */
const acknowledgeAll = (tracker: RedeliveryTracker, count: number): void => {
  for (let messageId = 1; messageId <= count; messageId += 1) {
    const message = createMessage(String(messageId));
    tracker.track(messageId, message);
    tracker.markDone(messageId, message);
    tracker.markAcknowledged([messageId]);
  }
};

/** The stamp of a message that the broker delivers again after a reconnect. */
const redeliver = (tracker: RedeliveryTracker, messageId: number): string | undefined => {
  const message = tracker.match(messageId, true, TOPIC, Buffer.from(String(messageId)));
  return message?.isDone === true ? message.id : undefined;
};

describe(RedeliveryTracker, () => {
  it("recognises the last 2,000 acknowledged messages of a session", () => {
    const tracker = new RedeliveryTracker();
    acknowledgeAll(tracker, 10_000);
    expect(tracker.toHandover().length).toBeLessThan(4_000);
    tracker.startConnection(true);
    expect(redeliver(tracker, 10_000)).toBe("stamp of 10000");
    expect(redeliver(tracker, 8_001)).toBe("stamp of 8001");
    expect(redeliver(tracker, 1)).toBeUndefined();
  });

  it("limits the memory of 300 sessions together, and recognises the last messages of each", () => {
    const memory = new AcknowledgedMemory();
    const trackers = Array.from({ length: 300 }, () => new RedeliveryTracker([], memory));
    for (const tracker of trackers) acknowledgeAll(tracker, 5_000);
    expect(trackers.reduce((sum, tracker) => sum + tracker.toHandover().length, 0)).toBeLessThanOrEqual(38_400);
    for (const tracker of trackers) tracker.startConnection(true);
    expect(trackers.map((tracker) => redeliver(tracker, 4_937))).toEqual(trackers.map(() => "stamp of 4937"));
  });

  it("bounds it also while most of the sessions remember few messages", () => {
    const memory = new AcknowledgedMemory();
    const trackers = Array.from({ length: 20 }, () => new RedeliveryTracker([], memory));
    for (const [i, tracker] of trackers.entries()) acknowledgeAll(tracker, i < 10 ? 10 : 3_000);
    expect(trackers.reduce((sum, tracker) => sum + tracker.toHandover().length, 0)).toBeLessThanOrEqual(16_000);
  });

  it("recognises a message that is acknowledged between the connections", () => {
    const tracker = new RedeliveryTracker();
    const message = createMessage("7");
    tracker.track(7, message);
    tracker.startConnection(true);
    tracker.markDone(7, message);
    expect(redeliver(tracker, 7)).toBe("stamp of 7");
  });

  it("does not confuse a new message with an earlier one that had its packet identifier in a lost session", () => {
    const tracker = new RedeliveryTracker();
    const earlier = createMessage("earlier");
    tracker.track(7, earlier);
    tracker.startConnection(false);
    tracker.track(7, { ...createMessage("7"), isDone: false });
    tracker.markDone(7, earlier);
    tracker.startConnection(true);
    expect(tracker.match(7, true, TOPIC, Buffer.from("7"))).toMatchObject({ id: "stamp of 7", isDone: false });
  });

  it("forgets no message whose PUBACK waits for that of an earlier one", () => {
    const tracker = new RedeliveryTracker();
    for (let messageId = 1; messageId <= 10_000; messageId += 1) {
      const message = createMessage(String(messageId));
      tracker.track(messageId, message);
      if (messageId > 1) tracker.markDone(messageId, message);
    }
    expect(tracker.toHandover()).toHaveLength(10_000);
    tracker.startConnection(true);
    expect(redeliver(tracker, 2)).toBe("stamp of 2");
    expect(redeliver(tracker, 10_000)).toBe("stamp of 10000");
  });

  it("is full when more messages wait than the share of a session, until their PUBACKs are written", () => {
    const memory = new AcknowledgedMemory();
    const trackers = Array.from({ length: 100 }, () => new RedeliveryTracker([], memory));
    const messageIds = Array.from({ length: 400 }, (_, i) => i + 1);
    for (const tracker of trackers) {
      for (const messageId of messageIds) {
        const message = createMessage(String(messageId));
        tracker.track(messageId, message);
        tracker.markDone(messageId, message);
      }
    }
    expect(trackers.map(({ isFull }) => isFull)).toEqual(trackers.map(() => true));
    for (const tracker of trackers.slice(1)) tracker.markAcknowledged(messageIds);
    expect(trackers.map(({ isFull }) => isFull)).toEqual(trackers.map(() => false));
  });

  it("remembers a long topic by its digest, also one of an older relay's file", () => {
    const topic = `logs/shop/${"x".repeat(65_000)}`;
    const tracker = new RedeliveryTracker();
    const message = { ...createMessage("1"), topic };
    tracker.track(1, message);
    tracker.markDone(1, message);
    const [entry] = tracker.toHandover();
    expect(entry?.topic.length).toBeLessThan(130);
    for (const handed of [entry!, { ...entry!, topic }]) {
      const next = new RedeliveryTracker([handed]);
      next.startConnection(true);
      expect(next.match(1, true, `${topic}y`, Buffer.from("1"))).toBeUndefined();
      const again = new RedeliveryTracker([handed]);
      again.startConnection(true);
      expect(again.match(1, true, topic, Buffer.from("1"))?.id).toBe("stamp of 1");
    }
  });
});
