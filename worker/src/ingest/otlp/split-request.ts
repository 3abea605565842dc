/**
 * Splits an OTLP request into requests that have at most as many log records as one payload may have.
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

interface Placed {
  readonly resourceLogs: JsonObject;
  readonly scopeLogs: JsonObject;
  readonly record: JsonObject;
}

const placeRecords = (request: JsonObject): readonly Placed[] =>
  listOf(request["resourceLogs"]).flatMap((resourceLogs) =>
    listOf(resourceLogs["scopeLogs"]).flatMap((scopeLogs) =>
      listOf(scopeLogs["logRecords"]).map((record) => ({ resourceLogs, scopeLogs, record })),
    ),
  );

/** Groups consecutive items with the same value of `key`. */
const groupBy = <T, Key>(items: readonly T[], key: (item: T) => Key): readonly (readonly [Key, readonly T[]])[] => {
  const groups: [Key, T[]][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    if (last !== undefined && last[0] === key(item)) last[1].push(item);
    else groups.push([key(item), [item]]);
  }
  return groups;
};

const toRequest = (placed: readonly Placed[]): JsonObject => ({
  resourceLogs: groupBy(placed, (each) => each.resourceLogs).map(([resourceLogs, inResource]) => ({
    ...resourceLogs,
    scopeLogs: groupBy(inResource, (each) => each.scopeLogs).map(([scopeLogs, inScope]) => ({
      ...scopeLogs,
      logRecords: inScope.map(({ record }) => record),
    })),
  })),
});

export const countRecords = (request: JsonObject): number => placeRecords(request).length;

/** In the order of the records. A request without records gives an empty list. */
export const splitRequest = (request: JsonObject, maxRecords: number): readonly JsonObject[] => {
  const placed = placeRecords(request);
  const parts: JsonObject[] = [];
  for (let start = 0; start < placed.length; start += maxRecords) {
    // Ids are derived from the content, so parts with equal records need a difference. The decoder ignores the member.
    const part = start === 0 ? {} : { part: start };
    parts.push({ ...toRequest(placed.slice(start, start + maxRecords)), ...part });
  }
  return parts;
};
