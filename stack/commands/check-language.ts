/**
 * `npm run check:language`: finds wording that readers stumble over, in the files that git tracks or below the paths
 * given. `-- --count` prints a count for each rule and folder instead and never fails.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { findHabits, type Finding } from "../language/find-habits.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { print } from "../lib/print.ts";

/** The rules quote the wording that they forbid, and their test does too. */
const EXCLUDED = [/^stack\/language\//, /^stack\/tests\/language\.test\.ts$/];

const { values, positionals } = parseArgs({
  options: { count: { type: "boolean", default: false } },
  allowPositionals: true,
});

const listFiles = async (): Promise<readonly string[]> => {
  const { stdout } = await execa(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...positionals],
    {
      cwd: ROOT_DIR,
    },
  );
  return stdout.split("\n").filter((path) => path !== "" && !EXCLUDED.some((pattern) => pattern.test(path)));
};

const findInFile = async (path: string): Promise<readonly Finding[]> => {
  const source = await readFile(join(ROOT_DIR, path), "utf8").catch(() => "");
  return findHabits(path, source);
};

const findings = (await Promise.all((await listFiles()).map(findInFile))).flat();

const countBy = (toKey: (finding: Finding) => string): string =>
  Object.entries(Object.groupBy(findings, toKey))
    .map(([key, group]) => `${String(group?.length ?? 0).padStart(6)}  ${key}`)
    .sort()
    .toReversed()
    .join("\n");

if (values.count) {
  print(`${countBy(({ advice }) => advice)}\n\n${countBy(({ path }) => path.split("/").slice(0, 2).join("/"))}`);
  print(`\n${findings.length} in all`);
} else {
  for (const { path, line, text, match, advice } of findings)
    print(`${path}:${line}: "${match}" in: ${text.slice(0, 160)}\n    ${advice}`);
  if (findings.length > 0) print(`\nWordings to change: ${findings.length}.`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
