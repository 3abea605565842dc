/**
 * Runs aggregations over the logs that match a clause.
 */
import * as z from "zod";
import type { Clause } from "../query/clauses.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { searchWithin } from "../opensearch/search.ts";

/** Maximum size of a response as JSON. A Worker has 128 MiB; a response uses about three times its size. */
const MAX_RESPONSE_BYTES = 8_388_608;

// Before the first index exists, OpenSearch returns no aggregations, so each schema has an empty default.
const countedSchema = z.object({ doc_count: z.int() }).prefault({ doc_count: 0 });

/** Result of a `terms` aggregation, with or without an `errors` sub-aggregation. */
export const termsSchema = z
  .object({
    sum_other_doc_count: z.int().default(0),
    /** 0: the counts of the buckets are exact. */
    doc_count_error_upper_bound: z.int().default(0),
    buckets: z.array(
      z.looseObject({
        key: z.union([z.string(), z.number()]),
        key_as_string: z.string().optional(),
        doc_count: z.int(),
        errors: countedSchema.optional(),
      }),
    ),
  })
  .prefault({ buckets: [] });

export const valueSchema = z.object({ value: z.number().nullable() }).prefault({ value: null });
export const filteredSchema = countedSchema;
export const percentilesSchema = z
  .object({ values: z.record(z.string(), z.number().nullable()) })
  .prefault({ values: {} });

export type Terms = z.output<typeof termsSchema>;

/** The counts of all buckets together. */
export const sumCounts = ({ buckets }: Terms): number => buckets.reduce((sum, { doc_count: count }) => sum + count, 0);

/** Results of aggregations by name, and the number of matching logs. */
export interface AggregationResults {
  readonly total: number;
  /** The result of one aggregation. Throws a `ZodError` if it does not fit the schema. */
  get<S extends z.ZodType>(name: string, schema: S): z.output<S>;
}

const responseSchema = z.object({
  hits: z.object({ total: z.object({ value: z.int() }) }),
  aggregations: z.record(z.string(), z.unknown()).default({}),
});

/**
 * Runs `aggs` over the logs that match `clause`. Throws `StoreUnavailableError`, and `ResponseTooLargeError` above
 * {@link MAX_RESPONSE_BYTES}.
 *
 * @param indices Index pattern. Default: all logs.
 */
export const aggregate = async (
  client: StoreClient,
  clause: Clause,
  aggs: Readonly<Record<string, object>>,
  indices?: string,
): Promise<AggregationResults> => {
  const body = { size: 0, track_total_hits: true, query: clause, aggs };
  const { hits, aggregations } = await searchWithin(client, MAX_RESPONSE_BYTES, body, responseSchema, indices);
  return { total: hits.total.value, get: (name, schema) => schema.parse(aggregations[name]) };
};
