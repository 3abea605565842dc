/** Matches the readable text of one file against the wording rules. */
import { basename } from "node:path";
import { extractText, type Text } from "./extract-text.ts";
import { ALLOWED, NAME_RULES, PROSE_RULES, type Rule } from "./rules.ts";

export interface Finding {
  readonly path: string;
  readonly line: number;
  /** The sentence or name that matched. */
  readonly text: string;
  readonly match: string;
  readonly advice: string;
}

/** `toUserName`, `user-name` and `USER_NAME` become `user name`. */
const toWords = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[^a-z\d]+/gi, " ")
    .trim()
    .toLowerCase();

/** The sentences of a text, each with the number of its first line. */
const toSentences = ({ line, text }: Text): Text[] => {
  const sentences: Text[] = [];
  let at = line;
  for (const piece of text.split(/(?<=[.!?:;])(?=\s)|\n(?=\s*\n)/)) {
    const leading = /^\s*/.exec(piece)?.[0] ?? "";
    const start = at + leading.split("\n").length - 1;
    const sentence = piece.trim().replaceAll(/\s+/g, " ");
    if (sentence !== "") sentences.push({ line: start, text: sentence });
    at += piece.split("\n").length - 1;
  }
  return sentences;
};

const isAllowed = (text: string): boolean => ALLOWED.some((allowed) => text.includes(allowed.text));

const match = (path: string, texts: readonly Text[], rules: readonly Rule[], toText: (text: string) => string) =>
  texts.flatMap(({ line, text }) =>
    rules.flatMap(({ pattern, advice }): Finding[] =>
      isAllowed(text)
        ? []
        : [...toText(text).matchAll(pattern)].map(([found]) => ({ path, line, text, match: found, advice })),
    ),
  );

export const findHabits = (path: string, source: string): readonly Finding[] => {
  const texts = extractText(path, source);
  if (texts === undefined) return [];
  const fileName = { line: 1, text: basename(path) };
  return [
    ...match(path, texts.prose.flatMap(toSentences), PROSE_RULES, (text) => text),
    ...match(path, [fileName, ...texts.names], NAME_RULES, toWords),
  ];
};
