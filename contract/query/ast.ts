/**
 * The syntax tree of a query. `parseQuery` creates it from text, and `formatQuery` converts it back to text.
 */

/** A range of the query's text, in UTF-16 code units from its start. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export type Comparison = ">" | ">=" | "<" | "<=";

/** The condition on a field's value. */
export type Match =
  /** The value itself. `isPhrase`: it was quoted. */
  | { readonly op: "is"; readonly value: string; readonly isPhrase: boolean }
  /** A pattern: `*` matches any text, `?` any character. A backslash before them makes them literal. */
  | { readonly op: "like"; readonly pattern: string }
  | { readonly op: "compare"; readonly comparison: Comparison; readonly value: string }
  /** Both ends are inclusive. `undefined` is an open end. */
  | { readonly op: "range"; readonly from: string | undefined; readonly to: string | undefined }
  /** The field has a value. */
  | { readonly op: "exists" };

export type QueryNode =
  | { readonly kind: "and" | "or"; readonly nodes: readonly QueryNode[] }
  | { readonly kind: "not"; readonly node: QueryNode }
  /** Words without a field. They match words in messages and exceptions, ids, and whole attribute values. */
  | { readonly kind: "text"; readonly match: Extract<Match, { op: "is" | "like" }>; readonly span: Span }
  | {
      readonly kind: "field";
      readonly field: string;
      readonly match: Match;
      /** Position of the field and its value. */
      readonly span: Span;
      /** Position of the value alone. */
      readonly valueSpan: Span;
    };

/** A syntax error, with the characters to mark. */
export interface QueryError extends Span {
  readonly reason:
    | "missing_value"
    | "unclosed_quote"
    | "unclosed_group"
    | "unexpected"
    | "invalid_value"
    | "too_complex";
  /** A sentence with the remedy. */
  readonly message: string;
  /** A corrected query, if there is a likely one. */
  readonly suggestion?: string;
}

export const HINT_KINDS = [
  "lower_case_operator",
  "read_as_field",
  "read_as_text",
  "in_list",
  "comma_list",
  "value_without_field",
  "json",
  "name_case",
  "unknown_field",
  "punctuation",
  "regular_expression",
  "wildcard",
] as const;

/** A remark on a valid query that may have another meaning than intended, with the characters to mark. */
export interface QueryHint extends Span {
  readonly kind: (typeof HINT_KINDS)[number];
  /** A sentence with the right spelling. */
  readonly message: string;
  /** The whole query in the other spelling. */
  readonly suggestion?: string;
}

export type QueryResult =
  /** `query` is `undefined` for an empty query, which matches all logs. */
  | { readonly ok: true; readonly query: QueryNode | undefined; readonly hints: readonly QueryHint[] }
  | { readonly ok: false; readonly error: QueryError };
