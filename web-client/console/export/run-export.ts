/**
 * Downloads all logs of a filter. A connection that breaks is taken up again behind the last whole log: nothing is lost,
 * nothing comes twice.
 */
import { signal } from "@preact/signals";
import type { ExportFormat } from "#contract/api/export.ts";
import { backoffMs } from "../../logger/send/backoff.ts";
import { toParams, type Filter } from "../address.ts";
import { isFinalStatus, request } from "../api/request.ts";
import { toEpochMs } from "../lib/to-epoch-ms.ts";
import { openSink, type ExportSink } from "./export-sink.ts";
import { createRecordReader, type RecordReader } from "./record-reader.ts";

export interface ExportJob {
  readonly state: "running" | "waiting" | "done" | "full" | "failed";
  readonly format: ExportFormat;
  readonly logs: number;
  /** UTF-16 code units. */
  readonly length: number;
  readonly message?: string;
}

/** The export that runs, or ran last. */
export const exportJob = signal<ExportJob | undefined>(undefined);

const RETRY_BASE_MS = 1_000;
const MAX_RETRY_MS = 15_000;
const MAX_FAILURES = 8;
const EXTENSIONS: Readonly<Record<ExportFormat, string>> = { ndjson: "ndjson", csv: "csv", text: "txt" };

let controller: AbortController | undefined;

/** Trouble that trying again does not help. */
class ExportRefusal extends Error {
  override readonly name = "ExportRefusal";
}

/** The request, with a range that does not move while it is repeated. */
export const toExportPath = (filter: Filter, format: ExportFormat, columns: readonly string[]): string => {
  const nowMs = Date.now();
  const pin = (moment: string): string => (moment === "" ? "" : String(Math.round(toEpochMs(moment, nowMs))));
  const params = toParams({ ...filter, from: pin(filter.from), to: pin(filter.to || "now") });
  params.set("format", format);
  if (format === "csv" && columns.length > 0) {
    params.set("columns", ["level", "app", "message", ...columns].join(","));
  }
  return `/export?${params}`;
};

const openStream = async (path: string, abort: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
  const outcome = await request(path, { signal: abort });
  if (outcome.state === "signed_out") throw new ExportRefusal("You are signed out.");
  if (outcome.state === "failed") {
    const { status = 0, message } = outcome;
    if (isFinalStatus(status)) throw new ExportRefusal(message);
    throw new TypeError(message);
  }
  return outcome.answer.body ?? new ReadableStream({ start: (controller) => controller.close() });
};

/** Reads until the stream ends; `false`: there is no more room. */
const readOnce = async (
  path: string,
  records: RecordReader,
  write: (text: string) => Promise<boolean>,
  abort: AbortSignal,
): Promise<boolean> => {
  const after = records.after === undefined ? "" : `&after=${encodeURIComponent(records.after)}`;
  const stream = await openStream(path + after, abort);
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (!(await write(records.push(piece.value)))) return false;
    }
    return await write(records.end());
  } finally {
    reader.cancel().catch(() => undefined);
  }
};

const run = async (path: string, format: ExportFormat, sink: ExportSink, abort: AbortSignal): Promise<void> => {
  const records = createRecordReader(format);
  let length = 0;
  let failures = 0;
  const tell = (state: ExportJob["state"], message?: string): void => {
    exportJob.value = { state, format, logs: records.logs, length, ...(message !== undefined && { message }) };
  };
  const write = async (text: string): Promise<boolean> => {
    if (text === "") return true;
    const hasRoom = await sink.write(text);
    length += text.length;
    failures = 0;
    tell("running");
    return hasRoom;
  };
  tell("running");
  for (;;) {
    try {
      const isWhole = await readOnce(path, records, write, abort);
      await sink.finish();
      return tell(isWhole ? "done" : "full", records.after?.split(",")[0]);
    } catch (error) {
      abort.throwIfAborted();
      failures += 1;
      if (error instanceof ExportRefusal || failures > MAX_FAILURES) {
        await sink.abort();
        return tell("failed", error instanceof ExportRefusal ? error.message : "The server cannot be reached.");
      }
      records.reset();
      tell("waiting");
      const pause = backoffMs(failures, RETRY_BASE_MS, MAX_RETRY_MS);
      await new Promise((resolve) => setTimeout(resolve, pause));
      abort.throwIfAborted();
    }
  }
};

/** Starts an export in place of one that runs. Must be called from a click. */
export const startExport = async (filter: Filter, format: ExportFormat, columns: readonly string[]): Promise<void> => {
  cancelExport();
  const path = toExportPath(filter, format, columns);
  const name = `logs-${new Date().toISOString().slice(0, 10)}.${EXTENSIONS[format]}`;
  const sink = await openSink(name);
  if (sink === undefined) return;
  const own = new AbortController();
  controller = own;
  try {
    await run(path, format, sink, own.signal);
  } catch (error) {
    await sink.abort();
    if (!own.signal.aborted) throw error;
  }
};

/** Ends the export that runs, without a file, or takes the word of the last one away. */
export const cancelExport = (): void => {
  controller?.abort();
  exportJob.value = undefined;
};
