/** The ceiling: the rate at which the bulk API of OpenSearch stores the documents of edgelog. */
import type { Stack } from "../../stack/stack.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";
import { countLogs, refreshLogs, waitUntilMerged } from "./logs.ts";
import { makePayload, toDocuments } from "./payload.ts";
import { cpuSince, findRoles, readCpu, type CpuSeconds } from "./process-cpu.ts";

export interface BulkShape {
  /** Documents in one request. */
  readonly size: number;
  /** Concurrent requests. */
  readonly concurrency: number;
}

/** The fastest of many combinations on machines with two to eight cores. */
export const BULK_SHAPES: readonly BulkShape[] = [
  { size: 2_000, concurrency: 3 },
  { size: 5_000, concurrency: 2 },
];

const BATCH_EVENTS = 500;

export interface Throughput {
  readonly eventsPerSecond: number;
  readonly cpu: CpuSeconds;
}

const makeBulks = (events: number, size: number): string[] => {
  const bulks: string[] = [];
  for (let start = 0; start < events; start += size) {
    const end = Math.min(start + size, events);
    const lines: string[] = [];
    for (let i = start; i < end; i += BATCH_EVENTS) {
      for (const { index, id, source } of toDocuments(makePayload(Math.min(BATCH_EVENTS, end - i), i))) {
        lines.push(`{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`);
      }
    }
    bulks.push(lines.join(""));
  }
  return bulks;
};

const postBulk = async (url: string, body: string): Promise<void> => {
  const response = await fetch(new URL("/_bulk?filter_path=errors,items.create.status", url), {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson" },
    body,
  });
  if (!(await response.text()).startsWith('{"errors":false')) throw new Error("OpenSearch rejected some documents");
};

/** Stores documents through the bulk API, until all are searchable. Their creation is not measured. */
export const measureBulk = async (
  stack: Stack,
  events: number,
  { size, concurrency }: BulkShape,
): Promise<Throughput> => {
  const bulks = makeBulks(events, size);
  const roles = findRoles(stack);
  const before = await countLogs(stack);
  await waitUntilMerged(stack);
  const cpuBefore = readCpu(roles);
  const started = performance.now();
  const sendBulks = async (): Promise<void> => {
    for (let body = bulks.pop(); body !== undefined; body = bulks.pop()) await postBulk(stack.file.opensearch, body);
  };
  await Promise.all(Array.from({ length: concurrency }, sendBulks));
  await refreshLogs(stack);
  const eventsPerSecond = (events / (performance.now() - started)) * 1_000;
  const cpu = cpuSince(cpuBefore, roles);
  const stored = (await countLogs(stack)) - before;
  if (stored !== events) throw new Error(`${events} documents were sent and ${stored} are searchable`);
  return { eventsPerSecond, cpu };
};

/** Deletes a pattern of indices of other programs. */
export const deleteIndex = async (url: string, index: string): Promise<void> => {
  await queryOpenSearch(url, `/${index}?ignore_unavailable=true`, undefined, "DELETE");
};
