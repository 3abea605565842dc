/** Unit tests of stack functions that start no process. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StackError, formatError } from "../lib/stack-error.ts";
import { parseJavaMajor } from "../install/java.ts";
import { findSizeLimits } from "../retention/find-size-limits.ts";
import { toLocalConfig } from "../services/broker-files.ts";
import { LISTENER_NAMES, mapListeners } from "../services/listeners.ts";
import { toPrintableUrl } from "../services/external-opensearch.ts";
import { toUnreadable } from "../lib/read-if-exists.ts";
import { ensureSecrets } from "../lib/secrets.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { readPidFile } from "../supervise/pid-file.ts";
import { toCount } from "../lib/test-count.ts";

describe(parseJavaMajor, () => {
  it.each([
    ['openjdk version "25.0.1" 2026-10-20', 25],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_402"', 8],
    ["no such thing", undefined],
  ])("parses %j as %s", (output, major) => {
    expect(parseJavaMajor(output)).toBe(major);
  });
});

describe(findSizeLimits, () => {
  it("reads options, then the environment of a server, then wrangler.toml", () => {
    const vars = { RETENTION_MAX_BYTES: "300", RETENTION_MAX_DISK_PERCENT: 80 };
    const env = { RETENTION_MAX_BYTES: "200", RETENTION_MAX_DISK_PERCENT: "85" };
    const options = { "max-bytes": "1KB", "max-disk-percent": "88" };
    expect(findSizeLimits({ options, env, vars })).toEqual({ maxBytes: 1_000, maxDiskShare: 0.88 });
    expect(findSizeLimits({ options: {}, env, vars })).toEqual({ maxBytes: 200, maxDiskShare: 0.85 });
    expect(findSizeLimits({ options: {}, env: {}, vars })).toEqual({ maxBytes: 300, maxDiskShare: 0.8 });
    expect(findSizeLimits({ options: {}, env: {}, vars: {} })).toEqual({});
    expect(() => findSizeLimits({ options: { "max-disk-percent": "all" }, env, vars })).toThrow(
      "all is not a percentage",
    );
  });
});

describe("a file of the state directory that cannot be read", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "edgelog-unreadable-"));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it.each([
    ["secrets.json", ensureSecrets],
    ["stack.json", readStackFile],
    ["processes.json", readPidFile],
  ] as const)("%s is not taken for a missing one", async (name, read) => {
    mkdirSync(join(home, name));
    await expect(read(home)).rejects.toThrow(`Cannot read ${join(home, name)}`);
  });

  it("belongs to another user after sudo", () => {
    const error = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
    expect(toUnreadable("/home/a/.edgelog/secrets.json", error).message).toMatch(
      /sudo chown -R "\$USER" \/home\/a\/.edgelog$/,
    );
  });

  it("has new secrets only if it does not exist", async () => {
    const secrets = await ensureSecrets(home);
    expect(await ensureSecrets(home)).toEqual(secrets);
    writeFileSync(join(home, "secrets.json"), "{");
    await expect(ensureSecrets(home)).rejects.toThrow("is not JSON");
  });
});

describe(toLocalConfig, () => {
  const source = readFileSync(join(ROOT_DIR, "broker", "mosquitto", "mosquitto.conf"), "utf8");
  const ports = mapListeners((name) => LISTENER_NAMES.indexOf(name) + 1);

  it("moves every listener of the production file to its local port on loopback", () => {
    const listeners = toLocalConfig(source, ports)
      .split("\n")
      .filter((line) => line.startsWith("listener "));
    expect(listeners).toEqual(LISTENER_NAMES.map((name) => `listener ${ports[name]} 127.0.0.1`));
  });

  it("throws for a listener without a row in LISTENERS", () => {
    expect(() => toLocalConfig(`${source}\nlistener 4711`, ports)).toThrow("no row for mosquitto.conf: listener 4711");
  });

  it("throws for a row in LISTENERS without a listener", () => {
    expect(() => toLocalConfig(source.replace(/^listener 8084.*$/m, ""), ports)).toThrow("no listener for wss");
  });
});

describe(formatError, () => {
  it("reports a full disk and the path of the write", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", path: "/data/x" });
    expect(formatError(error)).toBe("The disk is full (while writing /data/x). Free some space and start again.");
  });

  it("shows only the message of an error that the operator can fix", () => {
    expect(formatError(new StackError("Install it."))).toBe("Install it.");
  });
});

describe(toPrintableUrl, () => {
  it("removes the credentials", () => {
    expect(toPrintableUrl("https://admin:secret@search.example.org:9200/")).toBe("https://search.example.org:9200");
  });
});

describe(toCount, () => {
  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };
  const failedFile = { status: "failed", assertionResults: [] };

  it.each([
    { note: "passed checks and tests", report, isChecked: true, isTested: true, counted: [6, 0, 2] },
    { note: "failed checks", report, isChecked: false, isTested: true, counted: [5, 1, 2] },
    { note: "an error outside of tests", report, isChecked: true, isTested: false, counted: [6, 1, 2] },
    { note: "no report", report: undefined, isChecked: true, isTested: false, counted: [1, 1, 0] },
    {
      note: "a test file that does not load",
      report: { ...report, testResults: [failedFile] },
      isChecked: true,
      isTested: false,
      counted: [6, 1, 2],
    },
  ])("counts $note", ({ report, isChecked, isTested, counted }) => {
    const { passed, failed, skipped } = toCount(report, { isChecked, isTested });
    expect([passed, failed, skipped]).toEqual(counted);
  });
});
