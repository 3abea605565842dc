/**
 * Counts over time: one row per severity, including empty buckets.
 */
import * as z from "zod";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { chooseIntervalMs, toBucketTimes } from "../query/interval.ts";
import type { ReadScope } from "./scope.ts";
import { aggregate, termsSchema } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";
import type { TimeSpan } from "./time-span.ts";

const histogramSchema = z
  .object({ buckets: z.array(z.object({ key: z.number(), levels: termsSchema })) })
  .prefault({ buckets: [] });

/** @param maxBuckets Maximum number of buckets; the interval is the shortest round one that fits. */
export const fetchHistogram = async (
  client: StoreClient,
  { clause }: ReadScope,
  { fromMs, toMs }: TimeSpan,
  maxBuckets: number,
): Promise<HistogramResponse> => {
  const intervalMs = chooseIntervalMs(fromMs, toMs, maxBuckets);
  const times = toBucketTimes(fromMs, toMs, intervalMs);
  const results = await aggregate(client, clause, {
    time: {
      date_histogram: { field: "@timestamp", fixed_interval: `${intervalMs}ms`, min_doc_count: 1 },
      aggs: { levels: { terms: { field: "severity.text", size: SEVERITIES.length } } },
    },
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
  for (const { key, levels } of results.get("time", histogramSchema).buckets) {
    const at = times.indexOf(key);
    for (const { key: level, doc_count: count } of levels.buckets) {
      const severity = SEVERITIES.find((name) => name === level);
      if (severity !== undefined && at !== -1) counts[severity][at] = count;
    }
  }
  return { intervalMs, times, counts, total: results.total };
};
