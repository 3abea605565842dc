import { describe, expect, it } from "vitest";
import { findHabits } from "../language/find-habits.ts";

const matchesOf = (path: string, source: string): readonly (readonly [number, string])[] =>
  findHabits(path, source).map(({ line, match }) => [line, match]);

describe(findHabits, () => {
  it.each([
    { note: "a comment", path: "a.ts", source: "\n/** Who loses the claim stays silent. */", expected: [[2, "Who"]] },
    {
      note: "joined line comments",
      path: "a.ts",
      source: "// It keeps\n// what was refused.",
      expected: [[1, "keeps what was"]],
    },
    {
      note: "a string of a sentence",
      path: "a.ts",
      source: 'f("told once at the most");',
      expected: [[1, "at the most"]],
    },
    {
      note: "JSX text",
      path: "a.tsx",
      source: "const a = <p>No log is to be had here</p>;",
      expected: [[1, "is to be had"]],
    },
    {
      note: "a machine that answers",
      path: "a.ts",
      source: "// The server answers late.",
      expected: [[1, "server answers"]],
    },
    { note: "a page that lives", path: "a.ts", source: "// While the page lives.", expected: [[1, "page lives"]] },
    { note: "a page that goes", path: "a.ts", source: "// Written when the page goes.", expected: [[1, "page goes"]] },
    { note: "an old preposition", path: "a.ts", source: "// Fields beside `events`.", expected: [[1, "beside"]] },
    {
      note: "a comparison by would",
      path: "a.ts",
      source: "// Sends as a phone would.",
      expected: [[1, "as a phone would"]],
    },
    { note: "an identifier", path: "a.ts", source: "const takeNap = 1;", expected: [[1, "nap"]] },
    { note: "a file name", path: "parts/courier.ts", source: "", expected: [[1, "courier"]] },
    { note: "Markdown", path: "a.md", source: "# Title\n\nA worker of its own.", expected: [[3, "of its own"]] },
    { note: "a comment of a script", path: "a.sh", source: "#!/bin/sh\n# Sent anew.\n", expected: [[2, "anew"]] },
  ])("finds a habit in $note", ({ path, source, expected }) => {
    expect(matchesOf(path, source)).toEqual(expected);
  });

  it.each([
    { note: "plain English", path: "a.ts", source: "// Retries until the broker acknowledges the message." },
    { note: "a page that goes away", path: "a.ts", source: "// Written when the page goes away." },
    { note: "a question", path: "a.md", source: "What happens when the broker restarts?" },
    { note: "code in Markdown", path: "a.md", source: "```sh\n# anew\n```\nRun `at the most`." },
    { note: "a short string", path: "a.ts", source: 'const mode = "anew";' },
    { note: "a file without prose", path: "a.json", source: '{"a":"at the most"}' },
  ])("accepts $note", ({ path, source }) => {
    expect(matchesOf(path, source)).toEqual([]);
  });
});
