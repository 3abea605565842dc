/**
 * The total orders of documents. Logs have the order of their times; among logs of the same nanosecond, the order in which they
 * arrived; among those of the same millisecond of arrival, the order in which they were sent.
 */

/** One key of an order, as OpenSearch sorts by it. */
export interface SortKey {
  readonly field: string;
  /** Type of the field in an index that does not have it. Its documents count as if they had the value 0. */
  readonly unmappedType?: "date" | "integer" | "long";
  /** The values are strings. Default: numbers. */
  readonly isText?: true;
}

/** The first key is the time; the last ones are the id and, because two apps may store the same id, the app. */
export type SortOrder = readonly [SortKey, ...(readonly SortKey[])];

/** Logs of older versions have no `edgelog.sequence`: they are ordered by id. */
export const LOG_ORDER: SortOrder = [
  { field: "@timestamp" },
  { field: "edgelog.nanos", unmappedType: "integer" },
  { field: "observedTimestamp", unmappedType: "date" },
  { field: "edgelog.sequence", unmappedType: "long" },
  { field: "log.record.uid", isText: true },
  { field: "edgelog.app", isText: true },
];

export const REJECTED_ORDER: SortOrder = [
  { field: "@timestamp" },
  { field: "uid", isText: true },
  { field: "edgelog.app", isText: true },
];

/** The position after a document: the values of the keys. The first one is a time in milliseconds since 1970. */
export type PagePosition = readonly [timeMs: number, ...(readonly (number | string)[])];

/** The position before all logs of a millisecond. */
export const startOf = (timeMs: number): PagePosition => [
  timeMs,
  ...LOG_ORDER.slice(1).map(({ isText }) => (isText === true ? "" : 0)),
];

/** Whether a position has the values of an order. */
export const isPositionIn = (order: SortOrder, position: readonly (number | string)[]): position is PagePosition =>
  position.length === order.length &&
  order.every(({ isText }, i) => typeof position[i] === (isText === true ? "string" : "number"));

/** The `sort` of a search. */
export const toSort = (order: SortOrder, direction: "asc" | "desc"): readonly object[] =>
  order.map(({ field, unmappedType }) => ({
    [field]: unmappedType === undefined ? direction : { order: direction, missing: 0, unmapped_type: unmappedType },
  }));
