import { expect, it } from "vitest";
import { MAX_GROUP_VERSIONS, type ErrorGroup } from "#contract/store/error-group.ts";
import { isChanged, mergeGroups } from "../src/error-groups/merge-group.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 28, 0, minute)).toISOString();

const groupOf = (first: number, last: number, ...versions: readonly (readonly [string, number])[]): ErrorGroup => ({
  app: "shop",
  key: "k",
  firstSeen: at(first),
  lastSeen: at(last),
  versions: versions.map(([version, minute]) => ({ version, firstSeen: at(minute) })),
});

it("has the earliest first time, the latest last time, and all versions in the order in which they were first seen", () => {
  const [a, b] = [groupOf(5, 9, ["1.4.0", 5], ["1.5.0", 7]), groupOf(2, 6, ["1.5.0", 6], ["1.3.0", 2])];
  const merged = groupOf(2, 9, ["1.3.0", 2], ["1.4.0", 5], ["1.5.0", 6]);
  expect(mergeGroups(a, b)).toEqual(merged);
  expect(mergeGroups(b, a)).toEqual(merged);
  expect(mergeGroups(merged, merged)).toEqual(merged);
});

it("keeps the first and the newest versions when there are too many", () => {
  const versions = Array.from({ length: MAX_GROUP_VERSIONS + 10 }, (_, i) => [`1.${i}`, i] as const);
  const names = mergeGroups(groupOf(0, 1), groupOf(0, 1, ...versions)).versions.map(({ version }) => version);
  expect(names).toHaveLength(MAX_GROUP_VERSIONS);
  expect(names[0]).toBe("1.0");
  expect(names.at(-1)).toBe(`1.${MAX_GROUP_VERSIONS + 9}`);
});

it("is written for a new version, an earlier first time, and once an hour for the last time", () => {
  const stored = groupOf(10, 20, ["1", 10]);
  expect(isChanged(stored, groupOf(10, 79, ["1", 10]))).toBe(false);
  expect(isChanged(stored, groupOf(10, 80, ["1", 10]))).toBe(true);
  expect(isChanged(stored, groupOf(9, 20, ["1", 10]))).toBe(true);
  expect(isChanged(stored, groupOf(10, 20, ["1", 10], ["2", 20]))).toBe(true);
});
