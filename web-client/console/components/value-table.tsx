import type { ComponentChildren, JSX } from "preact";
import type { AddressChange } from "../address.ts";
import { Link } from "./link.tsx";
import { formatCount, formatPercent } from "../lib/format-number.ts";
import "./value-table.css";

export interface ValueRow {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly count: number;
  /** Absent: not known. */
  readonly errors?: number;
  /** The logs that `count` counts, and those that `errors` counts. */
  readonly to?: AddressChange;
  readonly errorsTo?: AddressChange;
  /** Stands for no one value. */
  readonly isRest?: boolean;
}

interface ValueTableProps {
  /** What the values are. */
  readonly head: string;
  readonly countHead?: string;
  readonly rows: readonly ValueRow[];
  readonly hasErrors?: boolean;
}

const Count = ({ count, to }: { readonly count: number; readonly to: AddressChange | undefined }): JSX.Element =>
  to === undefined || count === 0 ? <>{formatCount(count)}</> : <Link to={to}>{formatCount(count)}</Link>;

/** Values and their counts, with a bar each: its length is the count, its red part the errors. */
export const ValueTable = ({ head, countHead = "Logs", rows, hasErrors = false }: ValueTableProps): JSX.Element => {
  const most = Math.max(...rows.map(({ count, isRest }) => (isRest ? 0 : count)), 1);
  return (
    <table class="values">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{countHead}</th>
          {hasErrors && (
            <>
              <th scope="col">Errors</th>
              <th scope="col">
                <abbr title="Part of the logs that are errors">Rate</abbr>
              </th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, label, count, errors, to, errorsTo, isRest = false }) => (
          <tr key={key} data-rest={isRest}>
            <th scope="row">
              <span class="value-bar" style={{ width: `${Math.min(count / most, 1) * 100}%` }}>
                {errors !== undefined && <span style={{ width: `${(errors / Math.max(count, 1)) * 100}%` }} />}
              </span>
              <span class="value-label">{label}</span>
            </th>
            <td>
              <Count count={count} to={to} />
            </td>
            {hasErrors && (
              <>
                <td data-tone={errors ? "error" : undefined}>
                  {errors !== undefined && <Count count={errors} to={errorsTo} />}
                </td>
                <td class="value-rate">{errors !== undefined && formatPercent(errors, count)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
};
