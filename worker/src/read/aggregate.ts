/**
 * Runs aggregations over the logs that a clause matches.
 */
import * as z from "zod";
import type { Clause } from "../query/clauses.ts";
import { ask, searchPath } from "./run-search.ts";
import type { StoreClient } from "../opensearch/client.ts";

// Where there is no index yet, there are no answers either: each shape has its nothing.
const countedSchema = z.object({ doc_count: z.int() }).prefault({ doc_count: 0 });

/** Counts of values: what a `terms` aggregation answers, with or without a count of errors below it. */
export const termsSchema = z
  .object({
    sum_other_doc_count: z.int().default(0),
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

/** Answers of aggregations by name, and how many logs there are. */
export interface Aggregated {
  readonly total: number;
  /** The answer of one aggregation; throws where it is not of this shape. */
  read<S extends z.ZodType>(name: string, schema: S): z.output<S>;
}

const answerSchema = z.object({
  hits: z.object({ total: z.object({ value: z.int() }) }),
  aggregations: z.record(z.string(), z.unknown()).default({}),
});

export const aggregate = async (
  client: StoreClient,
  clause: Clause,
  aggs: Readonly<Record<string, object>>,
  indices?: string,
): Promise<Aggregated> => {
  const body = { size: 0, track_total_hits: true, query: clause, aggs };
  const { hits, aggregations } = await ask(client, searchPath(indices), body, answerSchema);
  return { total: hits.total.value, read: (name, schema) => schema.parse(aggregations[name]) };
};
