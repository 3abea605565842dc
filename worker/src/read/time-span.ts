/**
 * The time range of a chart. An open end is replaced by the time of the oldest or newest matching log.
 */
import type { ReadScope } from "./scope.ts";
import { aggregate, valueSchema } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export const findTimeSpan = async (client: StoreClient, scope: ReadScope, nowMs: number): Promise<TimeSpan> => {
  let { fromMs, toMs } = scope;
  if (fromMs === undefined || toMs === undefined) {
    const field = "@timestamp";
    const results = await aggregate(client, scope.clause, { min: { min: { field } }, max: { max: { field } } });
    fromMs ??= results.get("min", valueSchema).value ?? nowMs;
    toMs ??= (results.get("max", valueSchema).value ?? nowMs) + 1;
  }
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) };
};
