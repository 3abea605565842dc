/**
 * What a query means, as a tree. `parseQuery` makes it, `formatQuery` writes it back.
 */

/** A part of the query's text: UTF-16 code units from its start, as JavaScript's strings count. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export type Comparison = ">" | ">=" | "<" | "<=";

/** What a field's value is held against. */
export type Match =
  /** The value itself; `isPhrase` when it was quoted. */
  | { readonly op: "is"; readonly value: string; readonly isPhrase: boolean }
  /** A pattern in which `*` is any text and `?` any character; a backslash takes their meaning away. */
  | { readonly op: "like"; readonly pattern: string }
  | { readonly op: "compare"; readonly comparison: Comparison; readonly value: string }
  /** Both ends belong to it; `undefined` is an open end. */
  | { readonly op: "range"; readonly from: string | undefined; readonly to: string | undefined }
  /** The field has a value. */
  | { readonly op: "exists" };

export type QueryNode =
  | { readonly kind: "and" | "or"; readonly nodes: readonly QueryNode[] }
  | { readonly kind: "not"; readonly node: QueryNode }
  /** Words without a field: looked for in messages, exceptions, ids, and as an attribute's whole value. */
  | { readonly kind: "text"; readonly match: Extract<Match, { op: "is" | "like" }>; readonly span: Span }
  | {
      readonly kind: "field";
      readonly field: string;
      readonly match: Match;
      /** Field and value. */
      readonly span: Span;
      /** The value alone. */
      readonly valueSpan: Span;
    };

/** Why a query can't be read, and the characters to mark. */
export interface QueryError extends Span {
  readonly reason:
    | "missing_value"
    | "unclosed_quote"
    | "unclosed_group"
    | "unexpected"
    | "invalid_value"
    | "too_complex";
  /** A sentence that says what to do. */
  readonly message: string;
}

export type QueryResult =
  /** `undefined`: nothing is asked for, everything matches. */
  { readonly ok: true; readonly query: QueryNode | undefined } | { readonly ok: false; readonly error: QueryError };
