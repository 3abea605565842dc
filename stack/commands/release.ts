/**
 * `npm run release -- VERSION [--dry-run]`: sets the version in all packages, moves the entries of the changelog, commits and creates the tag.
 * Pushing the tag starts .github/workflows/release.yml, which publishes the packages and images. `--notes VERSION` prints the section of
 * the changelog.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { assertNoMore, runCommand } from "../lib/command-line.ts";
import { print } from "../lib/print.ts";
import { StackError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import {
  assertNextVersion,
  CHANGELOG,
  findSection,
  releaseChangelog,
  setVersion,
  VERSIONED_FILES,
} from "../release/plan-release.ts";

const read = (file: string): Promise<string> => readFile(join(ROOT_DIR, file), "utf8");

const git = async (...args: readonly string[]): Promise<string> =>
  (await execa("git", args, { cwd: ROOT_DIR })).stdout.trim();

const assertClean = async (): Promise<void> => {
  if ((await git("status", "--porcelain")) !== "") throw new StackError("Commit or discard your changes first.");
  const branch = await git("branch", "--show-current");
  if (branch !== "main") throw new StackError(`Release from main, not from ${branch || "a detached commit"}.`);
};

const release = async (version: string, isDryRun: boolean): Promise<void> => {
  const { version: current } = JSON.parse(await read("package.json")) as { readonly version: string };
  assertNextVersion(current, version);
  const files = new Map<string, string>();
  for (const file of VERSIONED_FILES) files.set(file, setVersion(file, await read(file), current, version));
  const date = new Date().toISOString().slice(0, 10);
  files.set(CHANGELOG, releaseChangelog(await read(CHANGELOG), version, date));
  if (isDryRun) {
    print(`Would change from ${current} to ${version}: ${[...files.keys()].join(", ")}`);
    print(findSection(files.get(CHANGELOG) ?? "", `## [${version}]`) ?? "");
    return;
  }
  await assertClean();
  for (const [file, content] of files) await writeFile(join(ROOT_DIR, file), content);
  await git("add", ...files.keys());
  await git("commit", "--quiet", "-m", `chore: release ${version}`);
  await git("tag", "--annotate", `v${version}`, "-m", `edgelog ${version}`);
  print(`Created the tag v${version}. Publish it: git push --follow-tags origin main`);
};

const printNotes = async (version: string): Promise<void> => {
  const notes = findSection(await read(CHANGELOG), `## [${version}]`);
  if (notes === undefined) throw new StackError(`${CHANGELOG} has no section for ${version}.`);
  print(notes);
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "dry-run": { type: "boolean", default: false }, notes: { type: "string" } },
  });
  assertNoMore(positionals, 1);
  const [version] = positionals;
  if (values.notes !== undefined) await printNotes(values.notes);
  else if (version === undefined) throw new StackError("Usage: npm run release -- VERSION [--dry-run]");
  else await release(version, values["dry-run"]);
});
