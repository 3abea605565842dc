/**
 * Facets: the most frequent values of a field with their counts, and statistics of numbers. Pure: plans aggregations and
 * parses their results.
 */
import { findField, toAttributePath, type FieldKind, type SearchField } from "#contract/query/fields.ts";
import { SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import type { Facet, FacetValue, NumberStatistics } from "#contract/api/statistics.ts";
import { readValueTerm, toPrefixPattern, toTermPattern, VALUES_FIELD } from "#contract/store/value-terms.ts";
import {
  filteredSchema,
  percentilesSchema,
  sumCounts,
  termsSchema,
  valueSchema,
  type AggregationResults,
  type Terms,
} from "./aggregate.ts";
import { parseNumbers, planNumbers, planSamples } from "./number-statistics.ts";
import { anyOf, exists, noneOf, range } from "../query/clauses.ts";

/**
 * Values of each shard from which the most frequent ones are chosen. A value that is not among these in any shard is not found; the counts of
 * those that are found are then exact, see {@link planDetails}.
 */
const VALUES_PER_SHARD = 200;

/** Sub-aggregation that counts logs of severity error and above. */
export const ERRORS = { filter: range("severity.number", { gte: SEVERITY_NUMBERS.error }) };

export interface FacetRequest {
  /** Field name of the query language, or an attribute name. */
  readonly name: string;
  /** Maximum number of values. */
  readonly size: number;
  /** Only values with this prefix. */
  readonly prefix?: string | undefined;
  /** Only values with at most this many characters after the prefix. Default: of any length. */
  readonly maxLength?: number | undefined;
}

type Aggs = Record<string, object>;

/** Whether the values of such a field can be counted. */
const hasValues = (kind: FieldKind): boolean => kind !== "text" && kind !== "date" && kind !== "point";

const planField = (key: string, { kind, paths: [path] }: SearchField, request: FacetRequest): Aggs => {
  const { size, prefix, maxLength } = request;
  const isAny = kind === "number" || (prefix === undefined && maxLength === undefined);
  const include = isAny ? {} : { include: toPrefixPattern(prefix ?? "", maxLength) };
  const missing = { [`${key}.missing`]: { filter: noneOf(exists(path)) } };
  if (!hasValues(kind)) return missing;
  return {
    ...missing,
    [`${key}.values`]: {
      terms: { field: path, size, shard_size: VALUES_PER_SHARD, ...include },
      aggs: { errors: ERRORS },
    },
    [`${key}.distinct`]: { cardinality: { field: path } },
    ...(kind === "number"
      ? {
          [`${key}.min`]: { min: { field: path } },
          [`${key}.max`]: { max: { field: path } },
          [`${key}.avg`]: { avg: { field: path } },
          [`${key}.count`]: { value_count: { field: path } },
          [`${key}.percentiles`]: { percentiles: { field: path, percents: [50, 95, 99] } },
        }
      : {}),
  };
};

const planAttribute = (key: string, { name: fullName, size, prefix }: FacetRequest): Aggs => {
  const { maps, name } = toAttributePath(fullName);
  return {
    [`${key}.missing`]: { filter: noneOf(anyOf(maps.map((map) => exists(`${map}.${name}`)))) },
    [`${key}.values`]: {
      terms: {
        field: VALUES_FIELD,
        size,
        shard_size: VALUES_PER_SHARD,
        include: toTermPattern(name, prefix === undefined ? {} : { prefix }),
      },
      aggs: { errors: ERRORS },
    },
    ...planNumbers(key, name),
  };
};

/** Aggregations for facets. Their names begin with the position of the facet in `requests`. */
export const planFacets = (requests: readonly FacetRequest[]): Aggs =>
  Object.assign(
    {},
    ...requests.map((request, i) => {
      const field = findField(request.name);
      return field === undefined ? planAttribute(`f${i}`, request) : planField(`f${i}`, field, request);
    }),
  );

const planCounts = (name: string, key: string, results: AggregationResults): Aggs => {
  const { buckets, doc_count_error_upper_bound: error } = results.get(key, termsSchema);
  if (error === 0 || buckets.length === 0) return {};
  const terms = {
    field: findField(name)?.paths[0] ?? VALUES_FIELD,
    size: buckets.length,
    include: buckets.map(({ key: value }) => value),
  };
  return { [key]: { terms, aggs: { errors: ERRORS } } };
};

/**
 * Aggregations of a second search, which need the results of {@link planFacets}. They count the values that were found, for the facets whose
 * counts may be too small, because a shard returns the counts of its most frequent values only; and they take a sample of the
 * attributes with many distinct numbers.
 */
export const planDetails = (requests: readonly FacetRequest[], results: AggregationResults): Aggs => {
  const keys = requests.map(({ name }, i) => ({ name, key: `f${i}` }));
  const attributes = keys.filter(({ name }) => findField(name) === undefined);
  return Object.assign(
    planSamples(
      attributes.map(({ name, key }) => ({ key, name: toAttributePath(name).name })),
      results,
    ),
    ...keys.map(({ name, key }) => planCounts(name, `${key}.values`, results)),
  );
};

type Bucket = Terms["buckets"][number];

/** The values that were found, with their exact counts. */
const withCounts = (found: Terms, counted: Terms): Terms => ({
  ...found,
  sum_other_doc_count: Math.max(found.sum_other_doc_count + sumCounts(found) - sumCounts(counted), 0),
  buckets: counted.buckets,
});

const toValue = ({ key, key_as_string: text, doc_count: count, errors }: Bucket): FacetValue => ({
  value: text ?? String(key),
  count,
  errors: errors?.doc_count ?? 0,
});

const toTermValue = (bucket: Bucket): FacetValue => ({
  ...toValue(bucket),
  value: String(readValueTerm(String(bucket.key))?.value ?? bucket.key),
});

/** The number 1 and the text "1" have one row, because a query for the value finds both. */
const mergeValues = (values: readonly FacetValue[]): FacetValue[] => {
  const merged = new Map<string, FacetValue>();
  for (const { value, count, errors } of values) {
    const same = merged.get(value);
    merged.set(value, { value, count: count + (same?.count ?? 0), errors: errors + (same?.errors ?? 0) });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
};

const parseFieldStatistics = (key: string, results: AggregationResults): NumberStatistics | undefined => {
  const getValue = (name: string): number | null => results.get(`${key}.${name}`, valueSchema).value;
  const { values } = results.get(`${key}.percentiles`, percentilesSchema);
  const [min, max, avg] = [getValue("min"), getValue("max"), getValue("avg")];
  if (min === null || max === null || avg === null) return undefined;
  const percentile = (percent: string): number => values[percent] ?? max;
  return {
    count: getValue("count") ?? 0,
    min,
    max,
    avg,
    p50: percentile("50.0"),
    p95: percentile("95.0"),
    p99: percentile("99.0"),
    isSampled: false,
  };
};

const parseFacet = (
  { name }: FacetRequest,
  key: string,
  results: AggregationResults,
  details: AggregationResults | undefined,
): Facet => {
  const field = findField(name);
  const missing = results.get(`${key}.missing`, filteredSchema).doc_count;
  if (field !== undefined && !hasValues(field.kind))
    return { field: name, kind: field.kind, values: [], other: 0, missing };
  const found = results.get(`${key}.values`, termsSchema);
  const counted = details?.get(`${key}.values`, termsSchema);
  const terms = counted === undefined || counted.buckets.length === 0 ? found : withCounts(found, counted);
  const numbers =
    field === undefined
      ? parseNumbers(key, results, details)
      : field.kind === "number"
        ? parseFieldStatistics(key, results)
        : undefined;
  return {
    field: name,
    kind: field?.kind ?? (numbers === undefined ? "keyword" : "number"),
    values: field === undefined ? mergeValues(terms.buckets.map(toTermValue)) : terms.buckets.map(toValue),
    ...(field === undefined ? {} : { distinct: results.get(`${key}.distinct`, valueSchema).value ?? 0 }),
    other: terms.sum_other_doc_count,
    missing,
    ...(numbers === undefined ? {} : { numbers }),
  };
};

/**
 * The facets in the order of `requests`.
 *
 * @param details Results of {@link planDetails}.
 */
export const parseFacets = (
  requests: readonly FacetRequest[],
  results: AggregationResults,
  details?: AggregationResults,
): Facet[] => requests.map((request, i) => parseFacet(request, `f${i}`, results, details));
