import { describe, expect, it } from "vitest";
import { formatRow, HEAD, toExitCode, toRow, type Damage, type Reliance, type Row, type Tally } from "./row.ts";

const ALL = ["a", "b", "c", "d"];
const WITH_RECEIPTS: Reliance = { hasReceipts: true, hasIds: true };
const QOS_1: Reliance = { hasReceipts: false, hasIds: true };
const QOS_0: Reliance = { hasReceipts: false, hasIds: false };

const rowOf = (reliance: Reliance, damage: Damage, tally: Partial<Tally>): Row =>
  toRow({
    fault: "a fault",
    client: "a client",
    damage,
    reliance,
    tally: { handedOver: ALL, stored: new Set(ALL), documents: 4, rejected: 0, accountedFor: undefined, ...tally },
    longestStallMs: 5,
    peaks: { relayPeakMb: 1, brokerPeakMb: 2, workerPeakMb: 3 },
  });

const ONE_LOST = { stored: new Set(["a", "b", "c"]), documents: 3 };
const ONE_DOUBLED = { documents: 5 };

describe("a row", () => {
  it("counts what is missing and what is there twice", () => {
    expect(rowOf(QOS_1, {}, { stored: new Set(["a", "b"]), documents: 3 })).toMatchObject({
      handedOver: 4,
      stored: 2,
      lost: 2,
      doubled: 1,
      rejected: 0,
    });
  });

  it("does not call lost what the rejected store keeps", () => {
    expect(rowOf(QOS_1, {}, { ...ONE_LOST, rejected: 1 })).toMatchObject({ lost: 0, rejected: 1, broken: "" });
  });

  it.each([
    ["with receipts, whatever breaks", WITH_RECEIPTS, { breaksBroker: true, breaksClientLink: true }, "lost"],
    ["QoS 1, while the broker remembers", QOS_1, { breaksClientLink: true, breaksRelay: true }, "lost"],
    ["QoS 1, when the broker forgets", QOS_1, { breaksBroker: true }, ""],
    ["QoS 0, while its link holds", QOS_0, { breaksRelay: true }, "lost"],
    ["QoS 0, when its link breaks", QOS_0, { breaksClientLink: true }, ""],
  ])("calls a loss by its name: %s", (_, reliance, damage, broken) => {
    expect(rowOf(reliance, damage, ONE_LOST).broken).toBe(broken);
  });

  it.each([
    ["with ids, whatever breaks", QOS_1, { breaksBroker: true, breaksClientLink: true, breaksRelay: true }, "doubled"],
    ["without ids, while the relay lives", QOS_0, { breaksBroker: true }, "doubled"],
    ["without ids, when the relay dies", QOS_0, { breaksRelay: true }, ""],
  ])("calls a double by its name: %s", (_, reliance, damage, broken) => {
    expect(rowOf(reliance, damage, ONE_DOUBLED).broken).toBe(broken);
  });

  it("minds a client that has no receipt for what it handed over", () => {
    expect(rowOf(WITH_RECEIPTS, {}, { accountedFor: 3 }).broken).toBe("unaccounted");
    expect(rowOf(WITH_RECEIPTS, {}, { accountedFor: 4 }).broken).toBe("");
  });

  it("stands under the head of its columns", () => {
    const line = formatRow(rowOf(QOS_1, {}, {}));
    expect(line).toHaveLength(HEAD.length);
    expect(line.indexOf("a client")).toBe(HEAD.indexOf("client"));
    expect(formatRow(rowOf(QOS_1, {}, ONE_LOST))).toMatch(/BROKEN: lost$/);
  });
});

describe("the end", () => {
  const good = rowOf(QOS_1, {}, {});
  it("is zero only when every row is good", () => {
    expect(toExitCode([good, good])).toBe(0);
    expect(toExitCode([good, rowOf(QOS_1, {}, ONE_LOST)])).toBe(1);
  });
  it("is not zero when nothing was run, or nothing was handed over", () => {
    expect(toExitCode([])).toBe(1);
    expect(toExitCode([{ ...good, handedOver: 0 }])).toBe(1);
  });
});
