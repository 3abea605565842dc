/**
 * Counts over time: one row per severity, including empty buckets.
 */
import * as z from "zod";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { chooseIntervalMs, toBucketTimes } from "../query/interval.ts";
import { isZoned, toZonedBucketTimes } from "./zoned-time.ts";
import type { ReadScope } from "./scope.ts";
import { aggregate, termsSchema, type AggregationResults } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";
import type { TimeSpan } from "./time-span.ts";

const bucketSchema = z.object({ key: z.number(), levels: termsSchema });

/** `from`: start of a bucket of a range aggregation. */
const rangeSchema = z
  .object({ buckets: z.array(z.object({ from: z.number(), levels: termsSchema })) })
  .prefault({ buckets: [] });

const histogramSchema = z.object({ buckets: z.array(bucketSchema) }).prefault({ buckets: [] });

interface Buckets {
  readonly intervalMs: number;
  readonly times: readonly number[];
  readonly aggregation: object;
  readonly read: (results: AggregationResults) => readonly z.output<typeof bucketSchema>[];
}

const planBuckets = ({ fromMs, toMs }: TimeSpan, intervalMs: number, timeZone: string): Buckets => {
  const field = "@timestamp";
  if (!isZoned(intervalMs, timeZone)) {
    return {
      intervalMs,
      times: toBucketTimes(fromMs, toMs, intervalMs),
      aggregation: { date_histogram: { field, fixed_interval: `${intervalMs}ms`, min_doc_count: 1 } },
      read: (results) => results.get("time", histogramSchema).buckets,
    };
  }
  // The buckets are computed here, so that they are complete and the same in every version of OpenSearch.
  const edges = toZonedBucketTimes(fromMs, toMs, intervalMs, timeZone);
  const ranges = edges.slice(0, -1).map((from, i) => ({ from, to: edges[i + 1] }));
  return {
    intervalMs,
    times: edges.slice(0, -1),
    aggregation: { date_range: { field, format: "epoch_millis", ranges } },
    read: (results) => results.get("time", rangeSchema).buckets.map(({ from, levels }) => ({ key: from, levels })),
  };
};

/** The shortest round interval that fits. In another zone the first and the last bucket may be one more than in UTC. */
const planFittingBuckets = (span: TimeSpan, maxBuckets: number, timeZone: string): Buckets => {
  for (let target = maxBuckets; ; target -= 1) {
    const intervalMs = chooseIntervalMs(span.fromMs, span.toMs, target);
    const buckets = planBuckets(span, intervalMs, timeZone);
    if (buckets.times.length <= maxBuckets || target <= 1) return buckets;
  }
};

/**
 * @param maxBuckets Maximum number of buckets; the interval is the shortest round one that fits.
 * @param timeZone IANA name.
 */
export const fetchHistogram = async (
  client: StoreClient,
  { clause }: ReadScope,
  span: TimeSpan,
  maxBuckets: number,
  timeZone: string,
): Promise<HistogramResponse> => {
  const { intervalMs, times, aggregation, read } = planFittingBuckets(span, maxBuckets, timeZone);
  const results = await aggregate(client, clause, {
    time: { ...aggregation, aggs: { levels: { terms: { field: "severity.text", size: SEVERITIES.length } } } },
  });
  const emptyRow = (): number[] => times.map(() => 0);
  const counts: HistogramResponse["counts"] = {
    trace: emptyRow(),
    debug: emptyRow(),
    info: emptyRow(),
    warn: emptyRow(),
    error: emptyRow(),
    fatal: emptyRow(),
  };
  for (const { key, levels } of read(results)) {
    const at = times.indexOf(key);
    for (const { key: level, doc_count: count } of levels.buckets) {
      const severity = SEVERITIES.find((name) => name === level);
      if (severity !== undefined && at !== -1) counts[severity][at] = count;
    }
  }
  return { intervalMs, times: [...times], counts, total: results.total };
};
