/** The small decisions of the stack that need no process. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StackError, formatError } from "../lib/stack-error.ts";
import { parseJavaMajor } from "../install/java.ts";
import { toLocalConfig } from "../services/broker-files.ts";
import { toPrintableUrl } from "../services/external-opensearch.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { toCount } from "../lib/test-count.ts";

describe(parseJavaMajor, () => {
  it.each([
    ['openjdk version "25.0.1" 2026-10-20', 25],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_402"', 8],
    ["no such thing", undefined],
  ])("%s", (output, major) => {
    expect(parseJavaMajor(output)).toBe(major);
  });
});

describe(toLocalConfig, () => {
  it("moves every listener of the production file to loopback", async () => {
    const source = await readFile(join(ROOT_DIR, "broker", "mosquitto", "mosquitto.conf"), "utf8");
    const config = toLocalConfig(source, { mqtt: 1, mqtts: 2, wss: 3, ws: 4 });
    const listeners = config.split("\n").filter((line) => line.startsWith("listener "));
    expect(listeners).toEqual([1, 2, 3, 4].map((port) => `listener ${port} 127.0.0.1`));
  });

  it("refuses a listener that it does not know", () => {
    expect(() => toLocalConfig("listener 4711", { mqtt: 1, mqtts: 2, wss: 3, ws: 4 })).toThrow("4711");
  });
});

describe(formatError, () => {
  it("says that the disk is full, and where", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", path: "/data/x" });
    expect(formatError(error)).toBe("The disk is full (while writing /data/x). Free some space and start again.");
  });

  it("shows no stack of what a person can mend", () => {
    expect(formatError(new StackError("Install it."))).toBe("Install it.");
  });
});

describe(toPrintableUrl, () => {
  it("keeps credentials to itself", () => {
    expect(toPrintableUrl("https://admin:secret@search.example.org:9200/")).toBe("https://search.example.org:9200");
  });
});

describe(toCount, () => {
  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };
  const failedFile = { status: "failed", assertionResults: [] };

  it.each([
    { note: "all is well", report, isChecked: true, isTested: true, counted: [6, 0, 2] },
    { note: "the checks failed", report, isChecked: false, isTested: true, counted: [5, 1, 2] },
    { note: "an error outside of tests", report, isChecked: true, isTested: false, counted: [6, 1, 2] },
    { note: "no report", report: undefined, isChecked: true, isTested: false, counted: [1, 1, 0] },
    {
      note: "a file that does not load",
      report: { ...report, testResults: [failedFile] },
      isChecked: true,
      isTested: false,
      counted: [6, 1, 2],
    },
  ])("$note", ({ report, isChecked, isTested, counted }) => {
    const { passed, failed, skipped } = toCount(report, { isChecked, isTested });
    expect([passed, failed, skipped]).toEqual(counted);
  });
});
