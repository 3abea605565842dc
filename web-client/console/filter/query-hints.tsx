import type { JSX } from "preact";
import type { QueryHint } from "#contract/query/ast.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { navigate } from "../address.ts";

const MAX_SHOWN = 120;

/** A button that replaces the query with a corrected one. */
export const SuggestionButton = ({ q }: { readonly q: string }): JSX.Element => (
  <button class="button small suggestion" type="button" onClick={() => navigate({ filter: { q } })}>
    Search for <code class="untrusted">{visibleText(q, MAX_SHOWN)}</code>
  </button>
);

/** Remarks on the query, each with a button for the other spelling if there is one. */
export const QueryHints = ({ hints }: { readonly hints: readonly QueryHint[] }): JSX.Element | null =>
  hints.length === 0 ? null : (
    <ul class="query-hints" aria-label="Hints for the query">
      {hints.map(({ kind, message, suggestion }) => (
        <li key={kind}>
          <span class="untrusted">{visibleText(message)}</span>
          {suggestion !== undefined && <SuggestionButton q={suggestion} />}
        </li>
      ))}
    </ul>
  );
