/**
 * Parses the query language of QUERY.md. Pure and without zod: the Worker and the console use the same parser. It does not
 * check whether a value is valid for its field; the Worker does that when it compiles the query.
 */
import { MAX_QUERY_DEPTH, MAX_QUERY_NODES } from "#contract/wire/limits.ts";
import type { Comparison, Match, QueryError, QueryNode, QueryResult, Span } from "./ast.ts";
import { readToken, type Token } from "./tokens.ts";

/** Thrown only inside this file; `parseQuery` catches it. */
class SyntaxFailure extends Error {
  readonly error: QueryError;

  constructor(error: QueryError) {
    super(error.message);
    this.error = error;
  }
}

const failAt = (reason: QueryError["reason"], message: string, { offset, length }: Span): SyntaxFailure =>
  new SyntaxFailure({ reason, message, offset, length });

const COMPARISONS: readonly Comparison[] = [">=", "<=", ">", "<"];

type Word = Extract<Token, { kind: "word" }>;

/** A range: `5..10`, `5..` or `..10`. `..` alone is text. */
const toRange = ({ raw, unescape }: Word): Match | undefined => {
  const dots = raw.indexOf("..");
  if (dots === -1 || raw.length === 2) return undefined;
  const end = (text: string): string | undefined => (text === "" || text === "*" ? undefined : unescape(text));
  const [from, to] = [end(raw.slice(0, dots)), end(raw.slice(dots + 2))];
  return from === undefined && to === undefined ? undefined : { op: "range", from, to };
};

const toWordMatch = (word: Word): Extract<Match, { op: "is" | "like" }> =>
  word.pattern === undefined
    ? { op: "is", value: word.text, isPhrase: word.isQuoted }
    : { op: "like", pattern: word.pattern };

const toFieldMatch = (word: Word): Match => {
  if (word.isQuoted) return toWordMatch(word);
  const comparison = COMPARISONS.find((sign) => word.raw.startsWith(sign));
  if (comparison !== undefined) {
    const value = word.raw.slice(comparison.length);
    if (value === "") throw failAt("missing_value", `Add a value after ${comparison}.`, word);
    return { op: "compare", comparison, value: word.unescape(value) };
  }
  return word.raw === "*" ? { op: "exists" } : (toRange(word) ?? toWordMatch(word));
};

class Parser {
  readonly #text: string;
  #position = 0;
  #nodes = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
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
    for (let token = this.#peek(); !["end", "or", ")"].includes(token.kind); token = this.#peek()) {
      if (token.kind === "and") this.#take(token);
      nodes.push(this.#not(field));
    }
    return join("and", nodes);
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
        if (field !== undefined) return toFieldNode(field, token);
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

  /** A word, or the name of a field with its value after the colon. */
  #afterWord(word: Word): QueryNode {
    if (!word.isName) return { kind: "text", match: toWordMatch(word), span: toSpan(word) };
    const colon = { offset: word.offset + word.length, length: 1 };
    this.#position = colon.offset + 1;
    const value = readToken(this.#text, this.#position, true);
    if (value.offset === this.#position) {
      if (value.kind === "unclosed") throw failAt("unclosed_quote", "This quote is not closed.", value);
      if (value.kind === "(") return this.#group(value, word);
      if (value.kind === "word") {
        this.#take(value);
        return toFieldNode(word, value);
      }
    }
    throw failAt("missing_value", `Add a value after ${word.text}: or quote the text to search for it.`, {
      offset: word.offset,
      length: word.length + 1,
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

const toFieldNode = (field: Word, value: Word): QueryNode => ({
  kind: "field",
  field: field.text,
  match: toFieldMatch(value),
  span: { offset: field.offset, length: value.offset + value.length - field.offset },
  valueSpan: toSpan(value),
});

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
  try {
    return { ok: true, query: new Parser(text).parse() };
  } catch (error) {
    if (error instanceof SyntaxFailure) return { ok: false, error: error.error };
    throw error;
  }
};
