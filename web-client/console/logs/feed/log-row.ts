/** A row of the log list. */
import type { SearchHit } from "#contract/api/search.ts";
import { toLogKey } from "../../lib/log-key.ts";

export interface LogRow extends SearchHit {
  /** See log-key.ts. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** Received from the live tail, and not confirmed as stored. */
  readonly isUnconfirmed: boolean;
}

export const toRow = (hit: SearchHit, isUnconfirmed = false): LogRow => ({
  ...hit,
  key: toLogKey(hit),
  ms: Date.parse(hit.document["@timestamp"]),
  isUnconfirmed,
});

const compareText = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

/** Sort order of `/search`, newest first. */
export const compareRows = (a: LogRow, b: LogRow): number => {
  const [left, right] = [a.document, b.document];
  return (
    b.ms - a.ms ||
    (right.edgelog.nanos ?? 0) - (left.edgelog.nanos ?? 0) ||
    compareText(left.observedTimestamp, right.observedTimestamp) ||
    (right.edgelog.sequence ?? 0) - (left.edgelog.sequence ?? 0) ||
    compareText(a.id, b.id) ||
    compareText(left.edgelog.app, right.edgelog.app)
  );
};

/** Inserts rows in order. Most are newer than all existing rows, so the search for the position starts at the top. */
export const insertRows = (rows: LogRow[], more: readonly LogRow[]): void => {
  const sorted = more.toSorted(compareRows);
  const [first] = rows;
  const newer = first === undefined ? sorted.length : sorted.findIndex((row) => compareRows(row, first) > 0);
  const split = newer === -1 ? sorted.length : newer;
  let at = split;
  rows.unshift(...sorted.slice(0, split));
  for (const row of sorted.slice(split)) {
    while (at < rows.length && compareRows(rows[at] ?? row, row) < 0) at += 1;
    rows.splice(at, 0, row);
  }
};
