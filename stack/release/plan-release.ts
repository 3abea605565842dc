/**
 * The changes of files for a release. Pure.
 */
import { StackError } from "../lib/stack-error.ts";

/** Files with the version of the release. All packages of this repository have the same version. */
export const VERSIONED_FILES = [
  "package.json",
  "package-lock.json",
  "web-client/package/package.json",
  "web-client/node-package/package.json",
] as const;

export const CHANGELOG = "CHANGELOG.md";

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-[\da-z.-]+)?$/;
const UNRELEASED = "## [Unreleased]";

const toNumbers = (version: string): readonly number[] => VERSION.exec(version)?.slice(1, 4).map(Number) ?? [];

/** Throws unless `next` is a semantic version above `current`. A version with a suffix is below the one without. */
export const assertNextVersion = (current: string, next: string): void => {
  if (!VERSION.test(next)) throw new StackError(`${next} is not a semantic version such as 1.2.3 or 1.2.3-rc.1.`);
  const [before, after] = [toNumbers(current), toNumbers(next)];
  const difference = after.map((number, i) => number - (before[i] ?? 0)).find((each) => each !== 0) ?? 0;
  const isFinal = current.includes("-") && current.split("-", 1)[0] === next;
  if (difference < 0 || (difference === 0 && !isFinal)) throw new StackError(`${next} is not above ${current}.`);
};

/** The section of a version in the changelog, without its heading. `undefined` if there is no such section. */
export const findSection = (changelog: string, heading: string): string | undefined => {
  const start = changelog.indexOf(heading);
  if (start < 0) return undefined;
  const body = changelog.slice(changelog.indexOf("\n", start) + 1);
  const end = body.search(/^## /m);
  return (end < 0 ? body : body.slice(0, end)).trim();
};

/**
 * Moves the entries of "Unreleased" to a section with the version. Throws if there are no entries.
 *
 * @param date `YYYY-MM-DD`.
 */
export const releaseChangelog = (changelog: string, version: string, date: string): string => {
  const entries = findSection(changelog, UNRELEASED);
  if (entries === undefined || entries === "") throw new StackError(`${CHANGELOG} has no entries below ${UNRELEASED}.`);
  return changelog.replace(UNRELEASED, () => `${UNRELEASED}\n\n## [${version}] - ${date}`);
};

/** A package.json or lock file with another version, and the same formatting. */
export const setVersion = (file: string, content: string, current: string, next: string): string => {
  const line = `"version": "${current}"`;
  // The lock file has the version twice: of the file, and of its first package.
  const count = file === "package-lock.json" ? 2 : 1;
  let changed = content;
  for (let i = 0; i < count; i++) changed = changed.replace(line, () => `"version": "${next}"`);
  if (changed === content) throw new StackError(`${file} does not have the version ${current}.`);
  return changed;
};
