/**
 * Reads the query language of QUERY.md. Pure, total and without zod: the Worker and the console use the same reading.
 * It says what is written; whether a value fits its field is checked where the query is put to use.
 */
import { MAX_QUERY_DEPTH, MAX_QUERY_NODES } from "#contract/wire/limits.ts";
import type { Comparison, Match, QueryError, QueryNode, QueryResult, Span } from "./ast.ts";
import { readToken, type Token } from "./tokens.ts";

/** Thrown inside of this file only, and caught at its border. */
class Refusal extends Error {
  readonly error: QueryError;

  constructor(error: QueryError) {
    super(error.message);
    this.error = error;
  }
}

const refuse = (reason: QueryError["reason"], message: string, { offset, length }: Span): Refusal =>
  new Refusal({ reason, message, offset, length });

const COMPARISONS: readonly Comparison[] = [">=", "<=", ">", "<"];

type Word = Extract<Token, { kind: "word" }>;

/** `5..10`, `5..`, `..10`; both ends open is no range. */
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
    if (value === "") throw refuse("missing_value", `Put a value behind ${comparison}.`, word);
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
      throw refuse("unexpected", "This parenthesis closes nothing. Quote it to look for it.", rest);
    }
    return query;
  }

  #peek(): Token {
    const token = readToken(this.#text, this.#position);
    if (token.kind === "unclosed") throw refuse("unclosed_quote", "This quote is not closed.", token);
    return token;
  }

  #take(token: Token): void {
    this.#position = token.offset + token.length;
  }

  #count(span: Span): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_QUERY_NODES) {
      throw refuse("too_complex", `A query may have ${MAX_QUERY_NODES} parts; this is one more.`, span);
    }
  }

  #nested<T>(opening: Span, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_QUERY_DEPTH) {
      throw refuse(
        "too_complex",
        `Parentheses and negations may be ${MAX_QUERY_DEPTH} deep; this is one more.`,
        opening,
      );
    }
    const value = read();
    this.#depth -= 1;
    return value;
  }

  /** `field` is set inside of `field:( … )`, where each word is a value of it. */
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
        throw refuse("missing_value", "Something is missing at the end.", this.#lastCharacter());
      case "or":
      case "and":
        throw refuse("unexpected", `${token.kind.toUpperCase()} needs something on both sides.`, token);
      case ")":
        throw refuse("unexpected", "There is nothing before this parenthesis.", token);
      case "not":
      case "unclosed":
        throw refuse("unexpected", "This can't stand here.", token);
    }
  }

  #group(opening: Token, field?: Word): QueryNode {
    this.#take(opening);
    return this.#nested(opening, () => {
      const query = this.#or(field);
      const closing = this.#peek();
      if (closing.kind !== ")") throw refuse("unclosed_group", "This parenthesis is not closed.", opening);
      this.#take(closing);
      return query;
    });
  }

  /** A word, or the name of a field with its value behind the colon. */
  #afterWord(word: Word): QueryNode {
    if (!word.isName) return { kind: "text", match: toWordMatch(word), span: toSpan(word) };
    const colon = { offset: word.offset + word.length, length: 1 };
    this.#position = colon.offset + 1;
    const value = readToken(this.#text, this.#position, true);
    if (value.offset === this.#position) {
      if (value.kind === "unclosed") throw refuse("unclosed_quote", "This quote is not closed.", value);
      if (value.kind === "(") return this.#group(value, word);
      if (value.kind === "word") {
        this.#take(value);
        return toFieldNode(word, value);
      }
    }
    throw refuse("missing_value", `Put a value behind ${word.text}: or quote it to look for the text.`, {
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

/** What a query means, or which of its characters are in the way. Never throws. */
export const parseQuery = (text: string): QueryResult => {
  try {
    return { ok: true, query: new Parser(text).parse() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.error };
    throw error;
  }
};
