import { describe, expect, it } from "vitest";
import { MAX_HEAP_MB, toExitCode, toP99, toRow, type RowSource } from "./row.ts";
import { isNamed } from "./service-logs.ts";

const BOTH = new Set(["a", "b"]);
const DELIVERED = { sent: ["a", "b"], settled: BOTH, stored: BOTH, documents: 2, latenciesMs: [10, 20] };

const SOURCE: RowSource = {
  attack: "flood",
  maxP99Ms: 5_000,
  named: undefined,
  mqtt: DELIVERED,
  http: DELIVERED,
  peaks: { relayPeakMb: 1, brokerPeakMb: 2, workerPeakMb: 3 },
  heapMb: 40,
  health: { worker: ["200 ok"], relay: ["200 ok"] },
  findings: [],
};

describe("toP99", () => {
  it("returns the value that 99 % of the values do not exceed", () => {
    expect(toP99(Array.from({ length: 100 }, (_, i) => i + 1))).toBe(99);
    expect(toP99([7])).toBe(7);
    expect(toP99([])).toBe(0);
  });
});

describe("toRow", () => {
  it("has no broken bound when every event is stored once, in time, within the heap", () => {
    expect(toRow(SOURCE)).toMatchObject({ victimSent: 4, victimLost: 0, victimDoubled: 0, broken: [] });
  });

  it("reports each broken bound", () => {
    const broken = (changes: Partial<RowSource>): readonly string[] => toRow({ ...SOURCE, ...changes }).broken;
    expect(broken({ mqtt: { ...DELIVERED, stored: new Set(["a"]), documents: 1 } })).toEqual(["lost"]);
    expect(broken({ mqtt: { ...DELIVERED, settled: new Set(["a"]) } })).toEqual(["unsettled"]);
    expect(broken({ http: { ...DELIVERED, documents: 3 } })).toEqual(["doubled"]);
    expect(broken({ http: { ...DELIVERED, latenciesMs: [5_000] } })).toEqual(["p99 >= 5000 ms"]);
    expect(broken({ maxP99Ms: 20 })).toEqual(["p99 >= 20 ms"]);
    expect(broken({ heapMb: MAX_HEAP_MB })).toEqual(["heap >= 128 MB"]);
    expect(broken({ named: false })).toEqual(["the app is not named"]);
    expect(broken({ findings: ["the port is closed"] })).toEqual(["the port is closed"]);
    expect(broken({ maxBrokerMb: 2 })).toEqual(["broker >= 2 MB"]);
  });

  it("reports late receipts and findings of a documented attack separately, but never lost events", () => {
    const known = { knownIn: "docs/page.md", maxP99Ms: 20, findings: ["the port is closed"] };
    expect(toRow({ ...SOURCE, ...known })).toMatchObject({ broken: [], known: ["p99 >= 20 ms", "the port is closed"] });
    const lost = { ...DELIVERED, stored: new Set(["a"]), documents: 1 };
    expect(toRow({ ...SOURCE, ...known, mqtt: lost }).broken).toEqual(["lost"]);
  });

  it("reports a victim that sent nothing over one of the transports", () => {
    const nothing = { sent: [], settled: new Set<string>(), stored: new Set<string>(), documents: 0, latenciesMs: [] };
    expect(toRow({ ...SOURCE, http: nothing }).broken).toEqual(["the victim sent nothing"]);
  });
});

describe("toExitCode", () => {
  it("returns 1 when a bound is broken or no attack ran", () => {
    expect(toExitCode([toRow(SOURCE)])).toBe(0);
    expect(toExitCode([toRow(SOURCE), toRow({ ...SOURCE, named: false })])).toBe(1);
    expect(toExitCode([])).toBe(1);
  });
});

describe("isNamed", () => {
  it("accepts warnings and errors with the app as a field or in a topic", () => {
    expect(isNamed(['{"level":"warn","message":"too large","app":"demo"}'], "demo")).toBe(true);
    expect(isNamed(['{"level":50,"topic":"logs/demo/client","msg":"set aside"}'], "demo")).toBe(true);
  });

  it("ignores other levels and other apps", () => {
    expect(isNamed(['{"level":30,"app":"demo","msg":"started"}'], "demo")).toBe(false);
    expect(isNamed(['{"level":"warn","app":"demo-2"}', '{"level":"warn","message":"demo"}'], "demo")).toBe(false);
  });
});
