import type { ComponentChildren, JSX } from "preact";
import type { AddressChange } from "../address.ts";
import { Link } from "./link.tsx";
import { formatCount, formatPercent } from "../lib/format-number.ts";
import "./value-table.css";

export interface ValueRow {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly count: number;
  /** Absent if unknown. */
  readonly errors?: number;
  /** Link targets of `count` and `errors`. */
  readonly to?: AddressChange;
  readonly errorsTo?: AddressChange;
  /** Sums up several values, or logs without a value. */
  readonly isRest?: boolean;
}

interface ValueTableProps {
  /** Heading of the value column. */
  readonly head: string;
  readonly countHead?: string;
  readonly rows: readonly ValueRow[];
  readonly hasErrors?: boolean;
}

const Count = ({ count, to }: { readonly count: number; readonly to: AddressChange | undefined }): JSX.Element =>
  to === undefined || count === 0 ? <>{formatCount(count)}</> : <Link to={to}>{formatCount(count)}</Link>;

/** Values with counts and bars. The length of a bar shows the count, its red segment the errors. */
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
                <abbr title="Share of logs that are errors">Rate</abbr>
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
