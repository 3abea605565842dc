import type { JSX } from "preact";
import { visibleText } from "../../../shared/visible-text.ts";
import { address, navigate } from "../../address.ts";
import { timeZone } from "../../lib/format-time.ts";

interface ListHeadProps {
  readonly columns: readonly string[];
  readonly hasApp: boolean;
}

/** Column headers. Extra columns have a button that removes them. */
export const ListHead = ({ columns, hasApp }: ListHeadProps): JSX.Element => (
  <div class="log-head" role="rowgroup">
    <div class="log-head-row" role="row" aria-rowindex={1}>
      <span role="columnheader" class="log-time">
        Time{timeZone.value === "utc" && " (UTC)"}
      </span>
      <span role="columnheader" class="log-level">
        Level
      </span>
      {hasApp && (
        <span role="columnheader" class="log-app">
          App
        </span>
      )}
      {columns.map((column) => (
        <span key={column} role="columnheader" class="log-cell">
          <span class="untrusted">{visibleText(column, 40)}</span>
          <button
            class="icon-button"
            type="button"
            aria-label={`Remove column ${visibleText(column, 40)}`}
            onClick={({ currentTarget }) => {
              // The button is removed with its column.
              currentTarget.closest<HTMLElement>("[role='grid']")?.focus();
              navigate({ columns: address.value.columns.filter((name) => name !== column) });
            }}
          >
            ×
          </button>
        </span>
      ))}
      <span role="columnheader" class="log-body">
        Message
      </span>
    </div>
  </div>
);
