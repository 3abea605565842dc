/** Merges the stored history of an error group with one from logs. Pure. */
import { MAX_GROUP_VERSION_LENGTH, MAX_GROUP_VERSIONS, type ErrorGroup } from "#contract/store/error-group.ts";
import { HOUR_MS } from "#contract/wire/durations.ts";

const earlier = (a: string, b: string): string => (a < b ? a : b);
const later = (a: string, b: string): string => (a > b ? a : b);

type Versions = ErrorGroup["versions"];

/** The versions of the first half are never removed, because they include the version in which the error is new. */
const limitVersions = (versions: Versions): Versions => {
  const half = MAX_GROUP_VERSIONS / 2;
  return versions.length <= MAX_GROUP_VERSIONS ? versions : [...versions.slice(0, half), ...versions.slice(-half)];
};

const mergeVersions = (a: Versions, b: Versions): Versions => {
  const firstSeen = new Map<string, string>();
  for (const { version, firstSeen: time } of [...a, ...b]) {
    // Documents of older versions of edgelog have longer ones. A character has one or two code units.
    if (version.length > 2 * MAX_GROUP_VERSION_LENGTH) continue;
    firstSeen.set(version, earlier(firstSeen.get(version) ?? time, time));
  }
  const versions = [...firstSeen].map(([version, time]) => ({ version, firstSeen: time }));
  return limitVersions(
    versions.toSorted((x, y) => (x.firstSeen < y.firstSeen ? -1 : x.firstSeen > y.firstSeen ? 1 : 0)),
  );
};

/** Both histories in one. Commutative, so that runs may overlap and repeat. */
export const mergeGroups = (a: ErrorGroup, b: ErrorGroup): ErrorGroup => ({
  ...a,
  firstSeen: earlier(a.firstSeen, b.firstSeen),
  lastSeen: later(a.lastSeen, b.lastSeen),
  versions: mergeVersions(a.versions, b.versions),
});

/** Whether a document must be written. `lastSeen` alone is written once an hour. */
export const isChanged = (stored: ErrorGroup, merged: ErrorGroup): boolean =>
  merged.firstSeen !== stored.firstSeen ||
  Date.parse(merged.lastSeen) - Date.parse(stored.lastSeen) >= HOUR_MS ||
  JSON.stringify(merged.versions) !== JSON.stringify(stored.versions);
