/**
 * The time range that a chart is drawn over: what was asked for, and where one end is open, as far as there are logs.
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
    const answer = await aggregate(client, scope.clause, { min: { min: { field } }, max: { max: { field } } });
    fromMs ??= answer.read("min", valueSchema).value ?? nowMs;
    toMs ??= (answer.read("max", valueSchema).value ?? nowMs) + 1;
  }
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) };
};
