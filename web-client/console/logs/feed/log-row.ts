/** A log as a line of the list. */
import type { SearchHit } from "#contract/api/search.ts";

export interface LogRow extends SearchHit {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** It came by the live tail and is not known to be stored yet. */
  readonly isArriving: boolean;
}

export const toRow = (hit: SearchHit, isArriving = false): LogRow => ({
  ...hit,
  ms: Date.parse(hit.document["@timestamp"]),
  isArriving,
});

/** The order of `/search`: the newest first, by id where times are the same. */
export const compareRows = (a: LogRow, b: LogRow): number => b.ms - a.ms || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Puts rows where they belong. Most are newer than all others, so each place is looked for from the top. */
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
