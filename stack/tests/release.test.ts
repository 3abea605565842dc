import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  assertNextVersion,
  findSection,
  releaseChangelog,
  setVersion,
  VERSIONED_FILES,
} from "../release/plan-release.ts";

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

describe("assertNextVersion", () => {
  it.each([
    ["0.1.0", "0.1.1"],
    ["0.1.9", "0.2.0"],
    ["0.9.9", "1.0.0-rc.1"],
    ["1.0.0-rc.1", "1.0.0"],
  ])("accepts %s to %s", (current, next) => {
    expect(() => assertNextVersion(current, next)).not.toThrow();
  });

  it.each([
    ["0.1.0", "0.1.0"],
    ["0.2.0", "0.1.9"],
    ["1.0.0", "1.0.0-rc.1"],
    ["0.1.0", "v0.2.0"],
    ["0.1.0", "0.2"],
  ])("rejects %s to %s", (current, next) => {
    expect(() => assertNextVersion(current, next)).toThrow(/is not (?:above|a semantic version)/);
  });
});

const CHANGES = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- one\n\n## [0.1.0] - 2026-01-01\n\n- zero\n";

describe("releaseChangelog", () => {
  it("moves the entries to a section with version and date", () => {
    const changed = releaseChangelog(CHANGES, "0.2.0", "2026-11-29");
    expect(findSection(changed, "## [Unreleased]")).toBe("");
    expect(findSection(changed, "## [0.2.0]")).toBe("### Added\n\n- one");
    expect(findSection(changed, "## [0.1.0]")).toBe("- zero");
    expect(changed).toContain("## [0.2.0] - 2026-11-29\n");
  });

  it("fails without entries", () => {
    const changed = releaseChangelog(CHANGES, "0.2.0", "2026-11-29");
    expect(() => releaseChangelog(changed, "0.3.0", "2026-11-30")).toThrow("no entries");
  });
});

it("sets the version in all files of this repository that have it, and nothing else", async () => {
  const { version } = JSON.parse(await read("package.json")) as { readonly version: string };
  for (const file of VERSIONED_FILES) {
    const content = await read(file);
    const changed = setVersion(file, content, version, "9.8.7");
    const parsed = JSON.parse(changed) as { version: string; packages?: Record<string, { version: string }> };
    expect([parsed.version, parsed.packages?.[""]?.version ?? "9.8.7"]).toEqual(["9.8.7", "9.8.7"]);
    const changedLines = changed.split("\n");
    const lines = content.split("\n").filter((line, i) => line !== changedLines[i]);
    expect(lines.every((line) => line.includes('"version"'))).toBe(true);
  }
});
