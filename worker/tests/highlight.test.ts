import { describe, expect, it } from "vitest";
import { toRanges } from "../src/read/highlight.ts";

const [OPEN, CLOSE] = ["\ue000", "\ue001"];

describe("toRanges", () => {
  it.each<[string, string, string, readonly string[]]>([
    ["marks", "a word here", `a ${OPEN}word${CLOSE} here`, ["word"]],
    ["a mark at the start", "word", `${OPEN}word${CLOSE}`, ["word"]],
    ["marks in the text itself", `a${OPEN} word`, `a${OPEN} ${OPEN}word${CLOSE}`, ["word"]],
    ["removed spaces at the start", " \n\tword a word", `${OPEN}word${CLOSE} a ${OPEN}word${CLOSE}`, ["word", "word"]],
    [
      "a removed escape character at the start",
      "\u001b[31mword\u001b[0m",
      `[31m${OPEN}word${CLOSE}\u001b[0m`,
      ["word"],
    ],
  ])("finds the ranges of a text with %s", (_, text, marked, words) => {
    expect(toRanges(text, marked).map(([start, end]) => text.slice(start, end))).toEqual(words);
  });
});
