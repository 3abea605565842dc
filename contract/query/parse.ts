/**
 * Parses the query language of QUERY.md. Pure and without zod: the Worker and the console use the same parser. It does not
 * check whether a value is valid for its field; the Worker does that when it compiles the query.
 */
import { MAX_QUERY_DEPTH, MAX_QUERY_LENGTH, MAX_QUERY_NODES } from "#contract/wire/limits.ts";
import type { Comparison, Match, QueryHint, QueryNode, QueryResult, Span } from "./ast.ts";
import { findField, hasOneValue, isComparable, type SearchField } from "./fields.ts";
import { toPhrase } from "./format.ts";
import { findHints, type Finding } from "./hints.ts";
import { isJsonObject } from "./json-query.ts";
import { suggestCorrection } from "./suggest-correction.ts";
import { failAt, SyntaxFailure } from "./syntax-failure.ts";
import { COMPARISONS, toFieldMatch, toTextMatch, type Word } from "./to-match.ts";
import { readToken, type Separator, type Token } from "./tokens.ts";

/** A comparison or a colon between spaces, after the name of a field. */
const SPACED_SEPARATOR = /^\s+(?:([=!><]=|[=><])\s*(?=[^\s=<>])|(:)(?!\/\/)\s*(?=[^\s:)]))/;

/** Lucene's spelling of a range: `[500 TO 599]`, or `{500 TO 600}` without its ends. Ends may be quoted. */
const LUCENE_RANGE = /^([[{])\s*"?([^\s\]}"]+)"?\s+TO\s+"?([^\s\]}"]+)"?\s*([\]}])/;

/** Whether the token is an operator: in `level: AND x` the field has no value. */
const isOperatorToken = (token: Token): boolean =>
  token.kind === "word" && !token.isQuoted && /^(?:AND|OR|&&|\|\|)$/.test(token.raw);

class Parser {
  readonly #text: string;
  #position = 0;
  #nodes = 0;
  #depth = 0;
  readonly #findings: Finding[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Text that was read as a field, but may be meant as text. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  parse(): QueryNode | undefined {
    if (this.#peek().kind === "end") return undefined;
    const query = this.#or();
    const rest = this.#peek();
    if (rest.kind !== "end") {
      throw failAt("unexpected", "This closing parenthesis has no opening one. Quote it to search for it.", rest);
    }
    return query;
  }

  #peek(): Token {
    const token = readToken(this.#text, this.#position);
    if (token.kind === "unclosed") throw failAt("unclosed_quote", "This quote is not closed.", token);
    return token;
  }

  #take(token: Token): void {
    this.#position = token.offset + token.length;
  }

  #count(span: Span): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_QUERY_NODES) {
      throw failAt("too_complex", `A query may have at most ${MAX_QUERY_NODES} words and fields.`, span);
    }
  }

  #nested<T>(opening: Span, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_QUERY_DEPTH) {
      throw failAt(
        "too_complex",
        `Parentheses and negations may be nested at most ${MAX_QUERY_DEPTH} levels deep.`,
        opening,
      );
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }

  /** `field` is set inside `field:( … )`, where each word is a value of the field. */
  #or(field?: Word): QueryNode {
    const nodes = [this.#and(field)];
    for (let token = this.#peek(); token.kind === "or"; token = this.#peek()) {
      this.#take(token);
      nodes.push(this.#and(field));
    }
    return join("or", nodes);
  }

  #and(field?: Word): QueryNode {
    const nodes = [this.#not(field)];
    let isList = hasOneValue(field?.text);
    for (let token = this.#peek(); !["end", "or", ")"].includes(token.kind); token = this.#peek()) {
      if (token.kind === "and") {
        this.#take(token);
        isList = false;
      }
      nodes.push(this.#not(field));
    }
    return join("and", isList ? joinValues(nodes) : nodes);
  }

  #not(field?: Word): QueryNode {
    const token = this.#peek();
    if (token.kind !== "not") return this.#primary(field);
    this.#take(token);
    return this.#nested(token, () => ({ kind: "not", node: this.#not(field) }));
  }

  #primary(field?: Word): QueryNode {
    const token = this.#peek();
    switch (token.kind) {
      case "(":
        return this.#group(token, field);
      case "word":
        this.#take(token);
        this.#count(token);
        if (field !== undefined) return toFieldNode(field, token, toFieldMatch(token, findField(field.text)));
        return this.#afterWord(token);
      case "end":
        throw failAt("missing_value", "The query ends where a word or a value is expected.", this.#lastCharacter());
      case "or":
      case "and":
        throw failAt("unexpected", `${token.kind.toUpperCase()} must be between two conditions.`, token);
      case ")":
        throw failAt("unexpected", "A word or a value is expected before this parenthesis.", token);
      case "not":
      case "unclosed":
        throw failAt("unexpected", "This text is not allowed here.", token);
    }
  }

  #group(opening: Token, field?: Word): QueryNode {
    this.#take(opening);
    return this.#nested(opening, () => {
      const query = this.#or(field);
      const closing = this.#peek();
      if (closing.kind !== ")") throw failAt("unclosed_group", "This parenthesis is not closed.", opening);
      this.#take(closing);
      return query;
    });
  }

  /** A word, or the name of a field with its value after the separator. */
  #afterWord(word: Word): QueryNode {
    if (word.separator !== undefined) return this.#afterName(word, word.separator, word.separator.length);
    const field = word.isQuoted ? undefined : findField(word.raw);
    const spaced = field === undefined ? null : SPACED_SEPARATOR.exec(this.#text.slice(this.#position));
    const separator = (spaced?.[1] ?? spaced?.[2]) as Separator | undefined;
    if (spaced !== null && separator !== undefined && field !== undefined) {
      // `path > x` may be a sentence: text fields have no order.
      if (/^[=!:]/.test(separator) || isComparable(field)) {
        return this.#afterName(word, separator, spaced[0].length);
      }
    }
    return { kind: "text", match: toTextMatch(word), span: toSpan(word) };
  }

  /** @param length Length of the separator with the spaces around it. */
  #afterName(word: Word, separator: Separator, length: number): QueryNode {
    this.#position = word.offset + word.length + length;
    const field = findField(word.text);
    const exclusive = separator === ":" ? this.#exclusiveRange(word) : undefined;
    if (exclusive !== undefined) return exclusive;
    const value = this.#readValue(word, field, separator);
    if (value.kind === "unclosed") throw failAt("unclosed_quote", "This quote is not closed.", value);
    const isEqual = separator === "=" || separator === "==";
    const isSeparate = value.offset > word.offset + word.length + separator.length;
    if (value.kind === "(" && (separator === ":" || isEqual)) return this.#group(value, word);
    if (value.kind !== "word") {
      throw failAt("missing_value", `Add a value after ${word.text}${separator} or quote the text to search for it.`, {
        offset: word.offset,
        length: word.length + separator.length,
      });
    }
    this.#take(value);
    const comparison = COMPARISONS.find((sign) => sign === separator);
    const match: Match =
      comparison === undefined
        ? toFieldMatch(value, field)
        : { op: "compare", comparison, value: value.isQuoted ? value.text : value.unescape(value.raw) };
    const node = toFieldNode(word, value, match);
    if (isEqual || (separator === ":" && isSeparate)) this.#addReadAsField(word, value);
    return separator === "!=" ? { kind: "not", node } : node;
  }

  /** `{500 TO 600}`, and `[500 TO 600}` with one of its ends. */
  #exclusiveRange(name: Word): QueryNode | undefined {
    const [whole, opening, from = "", to = "", closing] = LUCENE_RANGE.exec(this.#text.slice(this.#position)) ?? [];
    if (whole === undefined || (opening === "[" && closing === "]") || (from === "*" && to === "*")) return undefined;
    const value: Word = { ...name, offset: this.#position, length: whole.length };
    this.#position += whole.length;
    const ends: readonly (readonly [comparison: Comparison, value: string])[] = [
      [opening === "{" ? ">" : ">=", from],
      [closing === "}" ? "<" : "<=", to],
    ];
    const nodes = ends.filter(([, end]) => end !== "*");
    return join(
      "and",
      nodes.map(([comparison, end]) => toFieldNode(name, value, { op: "compare", comparison, value: end })),
    );
  }

  /** The token after a separator. It must follow directly, except for a known field: `level: error`, `duration:> 500`. */
  #readValue(word: Word, field: SearchField | undefined, separator: Separator): Token {
    const range = separator === ":" ? LUCENE_RANGE.exec(this.#text.slice(this.#position)) : null;
    if (range !== null) {
      const ends = `${range[2] ?? ""}..${range[3] ?? ""}`;
      const raw = ends === "*..*" ? "*" : ends;
      const unescape = (part: string): string => part;
      return { ...word, offset: this.#position, length: range[0].length, raw, text: raw, isQuoted: false, unescape };
    }
    const value = readToken(this.#text, this.#position, true);
    const isMissing = field === undefined && value.offset > this.#position && value.kind !== "unclosed";
    if (isMissing) return { kind: "end", offset: this.#position, length: 0 };
    const isOperatorOnly =
      value.kind === "word" && !value.isQuoted && COMPARISONS.some((sign) => sign === value.raw) && field !== undefined;
    if (!isOperatorOnly) return isOperatorToken(value) ? { kind: "end", offset: value.offset, length: 0 } : value;
    const next = readToken(this.#text, value.offset + value.length, true);
    if (next.kind !== "word") return value;
    const length = next.offset + next.length - value.offset;
    const [raw, text] = [value.raw + next.raw, value.raw + next.text];
    return { ...next, offset: value.offset, length, raw, text, isQuoted: false };
  }

  /** Text such as `level=error` or `user: ann` may also be part of a message. */
  #addReadAsField(name: Word, value: Word): void {
    const offset = name.offset;
    const length = value.offset + value.length - offset;
    const text = this.#text.slice(offset, offset + length);
    const { raw } = value;
    this.#findings.push({
      kind: "read_as_field",
      message: `This is read as the field ${name.text} with the value ${raw}. Quote it to search for the text.`,
      replacement: toPhrase(text),
      offset,
      length,
    });
  }

  #lastCharacter(): Span {
    const end = this.#text.trimEnd().length;
    return { offset: Math.max(end - 1, 0), length: Math.min(end, 1) };
  }
}

const toSpan = ({ offset, length }: Span): Span => ({ offset, length });

const join = (kind: "and" | "or", nodes: readonly QueryNode[]): QueryNode => {
  const [only] = nodes;
  if (only !== undefined && nodes.length === 1) return only;
  return { kind, nodes: nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node])) };
};

/** Whether a condition in a group names a value: not a comparison or an exclusion, which limit the other values. */
const isValue = (node: QueryNode): boolean =>
  node.kind === "or" ? node.nodes.every(isValue) : node.kind === "field" && node.match.op !== "compare";

/** `level:(warn error)` means either value, because a log has one level. */
const joinValues = (nodes: readonly QueryNode[]): readonly QueryNode[] => {
  const values = nodes.filter(isValue);
  return values.length < 2 ? nodes : [join("or", values), ...nodes.filter((node) => !isValue(node))];
};

/** `_exists_:user.id` is Lucene's spelling of `user.id:*`. */
const EXISTS_NAME = "_exists_";

const toFieldNode = (field: Word, value: Word, match: Match): QueryNode => {
  const isExists = field.text === EXISTS_NAME && !field.isQuoted && match.op === "is";
  if (isExists && match.value === "") {
    throw failAt(
      "missing_value",
      `Add the name of a field after ${EXISTS_NAME}: instead of an empty text.`,
      toSpan(value),
    );
  }
  return {
    kind: "field",
    ...(isExists ? { field: match.value, match: { op: "exists" } } : { field: field.text, match }),
    span: { offset: field.offset, length: value.offset + value.length - field.offset },
    valueSpan: toSpan(value),
  };
};

const isValid = (text: string): boolean => {
  try {
    new Parser(text).parse();
    return true;
  } catch (error) {
    if (error instanceof SyntaxFailure) return false;
    throw error;
  }
};

/** A corrected query is suggested only if it is valid. */
export const withValidSuggestions = (hints: readonly QueryHint[]): readonly QueryHint[] =>
  hints.map(({ suggestion, ...hint }) =>
    suggestion !== undefined && isValid(suggestion) ? { ...hint, suggestion } : hint,
  );

/**
 * Parses a query. Never throws.
 *
 * @example
 * ```ts
 * parseQuery("level:>=warn checkout"); // { ok: true, query: { kind: "and", nodes: [ … ] } }
 * parseQuery('"open'); // { ok: false, error: { reason: "unclosed_quote", offset: 0, length: 5, message: "…" } }
 * ```
 */
export const parseQuery = (text: string): QueryResult => {
  if (text.length > MAX_QUERY_LENGTH) {
    const message = `The query has ${text.length} characters; the limit is ${MAX_QUERY_LENGTH}.`;
    const excess = { offset: MAX_QUERY_LENGTH, length: text.length - MAX_QUERY_LENGTH };
    return { ok: false, error: { reason: "too_complex", message, ...excess } };
  }
  if (isJsonObject(text)) {
    const value = text.trim();
    const span = { offset: text.indexOf(value), length: value.length };
    const query: QueryNode = { kind: "text", match: { op: "is", value, isPhrase: true }, span };
    return { ok: true, query, hints: withValidSuggestions(findHints(text, query, [])) };
  }
  try {
    const parser = new Parser(text);
    const query = parser.parse();
    return { ok: true, query, hints: withValidSuggestions(findHints(text, query, parser.findings)) };
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    const suggestion = suggestCorrection(text, error.error, isValid);
    return { ok: false, error: { ...error.error, ...(suggestion === undefined ? {} : { suggestion }) } };
  }
};
