/**
 * Statistics of an attribute's numbers, from its distinct values and their counts: of all logs, or of a random sample if the attribute has
 * many distinct values. Pure.
 */
import * as z from "zod";
import type { NumberStatistics } from "#contract/api/statistics.ts";
import { readValueTerm, toTermPattern, toTermRange, VALUES_FIELD } from "#contract/store/value-terms.ts";
import { range, type Clause } from "../query/clauses.ts";
import { sumCounts, termsSchema, type AggregationResults, type Terms } from "./aggregate.ts";

/** Statistics of an attribute with more distinct values than this are computed from a sample. */
const COUNTED_NUMBERS = 1_000;

/**
 * Expected number of values in a sample, with which the error of a percentile is about one percent of the logs. A search with several samples
 * has fewer in each: OpenSearch allows 65,535 buckets.
 */
const SAMPLED_NUMBERS = 8_000;
const SAMPLED_NUMBERS_OF_SEARCH = 32_000;

/** The same logs are in each sample, so that a repeated request has the same result. */
const SEED = 1;

type Aggs = Record<string, object>;

const numbersOf = (name: string): object => ({
  field: VALUES_FIELD,
  include: toTermPattern(name, { numbers: true }),
});

/** Aggregations of the first search. */
export const planNumbers = (key: string, name: string): Aggs => {
  const numbers = numbersOf(name);
  return {
    [`${key}.numbers`]: { terms: { ...numbers, size: COUNTED_NUMBERS } },
    [`${key}.min`]: { terms: { ...numbers, size: 1, order: { _key: "asc" } } },
    [`${key}.max`]: { terms: { ...numbers, size: 1, order: { _key: "desc" } } },
  };
};

const isSampled = (numbers: Terms): boolean => numbers.sum_other_doc_count > 0;

const countNumbers = (numbers: Terms): number => numbers.sum_other_doc_count + sumCounts(numbers);

/** Each log that has a number of this name with the same probability, independent of its shard, its time and the other logs. */
const inSample = (name: string, probability: number): Clause => ({
  function_score: {
    // In a sample of all logs, a rare attribute may not occur.
    query: range(VALUES_FIELD, toTermRange(name, {})),
    random_score: { seed: SEED, field: "_seq_no" },
    boost_mode: "replace",
    min_score: 1 - probability,
  },
});

/** Aggregations of the second search: a sample of each attribute with more than {@link COUNTED_NUMBERS} distinct values. */
export const planSamples = (
  attributes: readonly { readonly key: string; readonly name: string }[],
  results: AggregationResults,
): Aggs => {
  const sampled = attributes
    .map(({ key, name }) => ({ key, name, numbers: results.get(`${key}.numbers`, termsSchema) }))
    .filter(({ numbers }) => isSampled(numbers));
  const size = Math.min(SAMPLED_NUMBERS, Math.floor(SAMPLED_NUMBERS_OF_SEARCH / sampled.length));
  return Object.fromEntries(
    sampled.map(({ key, name, numbers }) => [
      `${key}.sample`,
      {
        filter: inSample(name, Math.min(size / countNumbers(numbers), 1)),
        // A sample of logs with lists of numbers may be larger than expected.
        aggs: { numbers: { terms: { ...numbersOf(name), size: size * 2 } } },
      },
    ]),
  );
};

const sampleSchema = z.object({ numbers: termsSchema }).prefault({});

const parseNumericTerm = ({ key }: Terms["buckets"][number]): number => Number(readValueTerm(String(key))?.value);

const toStatistics = (
  { buckets }: Terms,
  all: Pick<NumberStatistics, "count" | "min" | "max" | "isSampled">,
): NumberStatistics => {
  const counted = buckets
    .map((bucket) => [parseNumericTerm(bucket), bucket.doc_count] as const)
    .toSorted(([a], [b]) => a - b);
  const counts = counted.reduce((sum, [, count]) => sum + count, 0);
  const sum = counted.reduce((total, [value, count]) => total + value * count, 0);
  const quantile = (q: number): number => {
    let cumulative = 0;
    return counted.find(([, count]) => (cumulative += count) >= q * counts)?.[0] ?? all.max;
  };
  return { ...all, avg: sum / counts, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
};

/**
 * `undefined` if no log has a number.
 *
 * @param details Results of {@link planSamples}, if it has an aggregation.
 */
export const parseNumbers = (
  key: string,
  results: AggregationResults,
  details: AggregationResults | undefined,
): NumberStatistics | undefined => {
  const [min] = results.get(`${key}.min`, termsSchema).buckets;
  const [max] = results.get(`${key}.max`, termsSchema).buckets;
  if (min === undefined || max === undefined) return undefined;
  const numbers = results.get(`${key}.numbers`, termsSchema);
  const sample = details?.get(`${key}.sample`, sampleSchema).numbers;
  return toStatistics(isSampled(numbers) && sample !== undefined ? sample : numbers, {
    count: countNumbers(numbers),
    min: parseNumericTerm(min),
    max: parseNumericTerm(max),
    isSampled: isSampled(numbers),
  });
};
