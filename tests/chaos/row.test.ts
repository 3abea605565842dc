import { describe, expect, it } from "vitest";
import {
  formatRow,
  HEAD,
  toExitCode,
  toRow,
  type FaultEffects,
  type ClientGuarantees,
  type Row,
  type Tally,
} from "./row.ts";

const ALL = ["a", "b", "c", "d"];
const WITH_RECEIPTS: ClientGuarantees = { hasReceipts: true, hasIds: true };
const QOS_1: ClientGuarantees = { hasReceipts: false, hasIds: true };
const QOS_0: ClientGuarantees = { hasReceipts: false, hasIds: false };

const rowOf = (guarantees: ClientGuarantees, effects: FaultEffects, tally: Partial<Tally>): Row =>
  toRow({
    fault: "a fault",
    client: "a client",
    effects,
    guarantees,
    tally: { sent: ALL, stored: new Set(ALL), documents: 4, rejected: 0, settled: undefined, ...tally },
    longestStallMs: 5,
    peaks: { relayPeakMb: 1, brokerPeakMb: 2, workerPeakMb: 3 },
  });

const ONE_LOST = { stored: new Set(["a", "b", "c"]), documents: 3 };
const ONE_DUPLICATED = { documents: 5 };

describe("a row", () => {
  it("counts lost and duplicated events", () => {
    expect(rowOf(QOS_1, {}, { stored: new Set(["a", "b"]), documents: 3 })).toMatchObject({
      sent: 4,
      stored: 2,
      lost: 2,
      duplicated: 1,
      rejected: 0,
    });
  });

  it("does not count rejected events as lost", () => {
    expect(rowOf(QOS_1, {}, { ...ONE_LOST, rejected: 1 })).toMatchObject({ lost: 0, rejected: 1, broken: "" });
  });

  it.each([
    ["a client with receipts, whatever fails", WITH_RECEIPTS, { breaksBroker: true, breaksClientLink: true }, "lost"],
    ["a QoS 1 client, while the broker keeps its queue", QOS_1, { breaksClientLink: true, breaksRelay: true }, "lost"],
    ["a QoS 1 client, when the broker loses its queue", QOS_1, { breaksBroker: true }, ""],
    ["a QoS 0 client, while its link works", QOS_0, { breaksRelay: true }, "lost"],
    ["a QoS 0 client, when its link breaks", QOS_0, { breaksClientLink: true }, ""],
  ])("reports a lost event only as a violation if the client is protected: %s", (_, guarantees, effects, broken) => {
    expect(rowOf(guarantees, effects, ONE_LOST).broken).toBe(broken);
  });

  it.each([
    [
      "events with ids, whatever fails",
      QOS_1,
      { breaksBroker: true, breaksClientLink: true, breaksRelay: true },
      "duplicated",
    ],
    ["events without ids, while the relay runs", QOS_0, { breaksBroker: true }, "duplicated"],
    ["events without ids, when the relay restarts", QOS_0, { breaksRelay: true }, ""],
  ])("reports a duplicate only as a violation if the client is protected: %s", (_, guarantees, effects, broken) => {
    expect(rowOf(guarantees, effects, ONE_DUPLICATED).broken).toBe(broken);
  });

  it("reports a client with missing receipts", () => {
    expect(rowOf(WITH_RECEIPTS, {}, { settled: 3 }).broken).toBe("unaccounted");
    expect(rowOf(WITH_RECEIPTS, {}, { settled: 4 }).broken).toBe("");
  });

  it("is aligned with the column heads", () => {
    const line = formatRow(rowOf(QOS_1, {}, {}));
    expect(line).toHaveLength(HEAD.length);
    expect(line.indexOf("a client")).toBe(HEAD.indexOf("client"));
    expect(formatRow(rowOf(QOS_1, {}, ONE_LOST))).toMatch(/VIOLATED: lost$/);
  });
});

describe("the exit code", () => {
  const good = rowOf(QOS_1, {}, {});
  it("is 0 only when no row has a violation", () => {
    expect(toExitCode([good, good])).toBe(0);
    expect(toExitCode([good, rowOf(QOS_1, {}, ONE_LOST)])).toBe(1);
  });
  it("is 1 when no row exists, or no event was sent", () => {
    expect(toExitCode([])).toBe(1);
    expect(toExitCode([{ ...good, sent: 0 }])).toBe(1);
  });
});
