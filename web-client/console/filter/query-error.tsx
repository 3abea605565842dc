import type { JSX } from "preact";
import { SuggestionButton } from "./query-hints.tsx";
import { visibleText } from "../../shared/visible-text.ts";

/** Syntax error of a query. `offset` and `length` are in UTF-16 code units. */
export interface QuerySyntaxError {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  /** The query in a valid spelling. */
  readonly suggestion?: string;
}

interface QueryErrorProps {
  readonly id: string;
  readonly q: string;
  readonly error: QuerySyntaxError;
}

/** Syntax error message and the query with the faulty characters marked. */
export const QueryError = ({ id, q, error: { message, offset, length, suggestion } }: QueryErrorProps): JSX.Element => {
  // An error at the end of the query has no character to mark: mark a space.
  const marked = q.slice(offset, offset + Math.max(1, length)) || " ";
  return (
    <div class="query-error" id={id} role="alert">
      <span>{message}</span>
      <code class="untrusted">
        {visibleText(q.slice(0, offset))}
        <mark>{visibleText(marked)}</mark>
        {visibleText(q.slice(offset + marked.length))}
      </code>
      {suggestion !== undefined && <SuggestionButton q={suggestion} />}
    </div>
  );
};
