import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";

/** Why a query can't be read. `offset` and `length` are UTF-16 code units of it. */
export interface QueryProblem {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

interface QueryErrorProps {
  readonly id: string;
  readonly q: string;
  readonly problem: QueryProblem;
}

/** Says what is wrong with `q`, with the characters that it is about marked. */
export const QueryError = ({ id, q, problem: { message, offset, length } }: QueryErrorProps): JSX.Element => {
  // At the end of the query there is no character to mark: a space stands for it.
  const marked = q.slice(offset, offset + Math.max(1, length)) || " ";
  return (
    <p class="query-error" id={id} role="alert">
      <span>{message}</span>
      <code class="untrusted">
        {visibleText(q.slice(0, offset))}
        <mark>{visibleText(marked)}</mark>
        {visibleText(q.slice(offset + marked.length))}
      </code>
    </p>
  );
};
