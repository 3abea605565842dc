/**
 * Extracts the readable text of a file: comments, strings and JSX text of code, Markdown without its code, comments of
 * configuration files. Each text has the number of its first line.
 */
import { extname } from "node:path";
import { parse, type ParserPlugin } from "@babel/parser";

export interface Text {
  readonly line: number;
  readonly text: string;
}

export interface FileTexts {
  readonly prose: readonly Text[];
  /** Identifiers, each once. */
  readonly names: readonly Text[];
}

const toProse = (comment: string): string => comment.replaceAll(/^\s*\*+ ?/gm, "").trim();

/** A string is prose when it has at least three words: shorter ones are identifiers, paths and labels. */
const isSentence = (text: string): boolean =>
  /[a-z]{2,}[^a-z]+[a-z]+[^a-z]+[a-z]{2,}/i.test(text) && text.includes(" ");

/** Comments in successive lines are one text. */
const joinLineComments = (comments: readonly { type: string; value: string; line: number }[]): Text[] => {
  const texts: { line: number; text: string; last: number }[] = [];
  for (const { type, value, line } of comments) {
    const previous = texts.at(-1);
    if (type === "CommentLine" && previous?.last === line - 1) {
      previous.text += `\n${value.trim()}`;
      previous.last = line;
    } else texts.push({ line, text: toProse(value), last: type === "CommentLine" ? line : -1 });
  }
  return texts;
};

interface Token {
  readonly type: string | { readonly label: string };
  readonly value?: unknown;
  readonly loc: { readonly start: { readonly line: number } };
}

const TEXT_TOKENS = new Set(["string", "template", "jsxText"]);

const fromCode = (source: string, isJsx: boolean): FileTexts => {
  const plugins: ParserPlugin[] = isJsx ? ["typescript", "jsx"] : ["typescript"];
  const { comments, tokens } = parse(source, { sourceType: "module", plugins, tokens: true, errorRecovery: true });
  const prose = joinLineComments(
    (comments ?? []).map(({ type, value, loc }) => ({ type, value, line: loc?.start.line ?? 1 })),
  );
  const names = new Map<string, Text>();
  for (const { type, value, loc } of (tokens ?? []) as readonly Token[]) {
    if (typeof type === "string" || typeof value !== "string") continue;
    const { line } = loc.start;
    if (TEXT_TOKENS.has(type.label) && isSentence(value)) prose.push({ line, text: value.trim() });
    if (type.label === "name" && !names.has(value)) names.set(value, { line, text: value });
  }
  return { prose, names: [...names.values()] };
};

/** Replaces a text with spaces, but keeps its line breaks, so that the line numbers of later texts stay correct. */
const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");

const fromMarkdown = (source: string): FileTexts => {
  const readable = source
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, blank)
    .replaceAll(/`[^`\n]*`/g, "`code`")
    .replaceAll(/\]\([^)]*\)/g, "]");
  const prose: Text[] = [];
  let line = 1;
  for (const paragraph of readable.split(/(\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.) ?))/)) {
    for (const cell of paragraph.trim().startsWith("|") ? paragraph.split("|") : [paragraph]) {
      const text = cell.replace(/^[\s>#*-]+/, "").trim();
      if (text !== "") prose.push({ line: line + (/^\n*/.exec(cell)?.[0].length ?? 0), text });
    }
    line += paragraph.split("\n").length - 1;
  }
  return { prose, names: [] };
};

/** Comments of shell scripts and configuration files. */
const fromHashComments = (source: string): FileTexts => {
  const comments = source.split("\n").flatMap((content, i) => {
    const comment = /^\s*#(?!!)\s?(.*)$/.exec(content)?.[1];
    return comment === undefined ? [] : [{ type: "CommentLine", value: comment, line: i + 1 }];
  });
  return { prose: joinLineComments(comments), names: [] };
};

const fromBlockComments = (source: string): FileTexts => {
  const prose = [...source.matchAll(/\/\*([\s\S]*?)\*\/|<!--([\s\S]*?)-->|>([^<>{}]{3,})</g)].map((match) => ({
    line: source.slice(0, match.index).split("\n").length,
    text: toProse(match[1] ?? match[2] ?? match[3] ?? ""),
  }));
  return { prose, names: [] };
};

/** The readable text of a file; `undefined` if this kind of file has none. */
export const extractText = (path: string, source: string): FileTexts | undefined => {
  switch (extname(path)) {
    case ".ts":
    case ".mjs":
    case ".js":
      return fromCode(source, false);
    case ".tsx":
      return fromCode(source, true);
    case ".md":
      return fromMarkdown(source);
    case ".css":
    case ".html":
      return fromBlockComments(source);
    case ".conf":
    case ".example":
    case ".sh":
    case ".toml":
    case ".yaml":
    case ".yml":
      return fromHashComments(source);
    default:
      return undefined;
  }
};
