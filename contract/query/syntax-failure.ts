/** The error with which the parser stops. */
import type { QueryError, Span } from "./ast.ts";

/** Thrown while a query is parsed; `parseQuery` catches it. */
export class SyntaxFailure extends Error {
  readonly error: QueryError;

  constructor(error: QueryError) {
    super(error.message);
    this.error = error;
  }
}

export const failAt = (reason: QueryError["reason"], message: string, { offset, length }: Span): SyntaxFailure =>
  new SyntaxFailure({ reason, message, offset, length });
