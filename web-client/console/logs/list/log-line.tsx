import type { JSX } from "preact";
import { readField } from "#contract/query/fields.ts";
import { visibleText } from "../../../shared/visible-text.ts";
import { UntrustedText } from "../../components/untrusted-text.tsx";
import { Timestamp } from "../../components/timestamp.tsx";
import { SeverityBadge } from "../../components/severity-badge.tsx";
import type { LogRow } from "../feed/log-row.ts";
import { HighlightedText } from "./highlighted-text.tsx";

interface LogLineProps {
  readonly row: LogRow;
  readonly index: number;
  /** CSS pixels from the top of the list. */
  readonly top: number;
  readonly columns: readonly string[];
  readonly hasApp: boolean;
  readonly isSelected: boolean;
  readonly onOpen: (row: LogRow) => void;
}

const MAX_MESSAGE = 400;
const MAX_CELL = 80;

const rangesOf = ({ highlights }: LogRow, field: string): readonly (readonly [number, number])[] =>
  highlights?.find((highlight) => highlight.field === field)?.ranges ?? [];

/** Id of the element of a row, for the list's `aria-activedescendant`. */
export const toLineId = (index: number): string => `log-line-${index}`;

/** One row of the list. */
export const LogLine = ({ row, index, top, columns, hasApp, isSelected, onOpen }: LogLineProps): JSX.Element => {
  const { document: log, ms, isUnconfirmed } = row;
  const body = String(log.body);
  // Omit the exception's type or message if the body contains it, as it does for captured errors.
  const [type, message] = ["exception.type", "exception.message"].map((field) => {
    const value = readField(log, field);
    return typeof value === "string" && !body.includes(value) ? value : undefined;
  });
  return (
    <div
      class="log"
      role="row"
      id={toLineId(index)}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-severity={log.severity?.text}
      data-unconfirmed={isUnconfirmed}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => {
        if (getSelection()?.isCollapsed !== false) onOpen(row);
      }}
    >
      <span role="gridcell" class="log-time">
        <Timestamp ms={ms} />
      </span>
      <span role="gridcell" class="log-level">
        <SeverityBadge severity={log.severity?.text} />
      </span>
      {hasApp && (
        <span role="gridcell" class="log-app">
          <UntrustedText text={log.edgelog?.app} max={MAX_CELL} />
        </span>
      )}
      {columns.length > 0 && (
        <span class="log-cells" role="presentation">
          {columns.map((column) => {
            const value = readField(log, column);
            return (
              <span key={column} role="gridcell" class="log-cell" title={visibleText(column, 40)}>
                {value !== undefined && value !== null && <UntrustedText text={value} max={MAX_CELL} />}
              </span>
            );
          })}
        </span>
      )}
      <span role="gridcell" class="log-body">
        <HighlightedText text={body} ranges={rangesOf(row, "body")} max={MAX_MESSAGE} />
        {(type ?? message) !== undefined && (
          <span class="log-exception">
            {type !== undefined && <UntrustedText text={type} max={MAX_CELL} />}
            {type !== undefined && message !== undefined && ": "}
            {message !== undefined && (
              <HighlightedText text={message} ranges={rangesOf(row, "exception.message")} max={MAX_MESSAGE} />
            )}
          </span>
        )}
        {isUnconfirmed && <span class="visually-hidden">, not stored yet</span>}
      </span>
    </div>
  );
};
