/**
 * Downloads all logs that match a filter. After a lost connection the export resumes after the last complete record, so
 * that nothing is missing or duplicated.
 */
import { signal } from "@preact/signals";
import type { ExportFormat } from "#contract/api/export.ts";
import { joinList } from "#contract/api/list-param.ts";
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
  /** Length of the file in UTF-16 code units. */
  readonly length: number;
  /** States `failed` and `waiting`: the reason. State `full`: time of the last log in the file. */
  readonly message?: string;
}

/** The current or last export. */
export const exportJob = signal<ExportJob | undefined>(undefined);

const RETRY_BASE_MS = 1_000;
const MAX_RETRY_MS = 15_000;
const MAX_FAILURES = 8;
const EXTENSIONS: Readonly<Record<ExportFormat, string>> = { ndjson: "ndjson", csv: "csv", text: "txt" };

let controller: AbortController | undefined;

/** The request failed before the stream started, or the file cannot be written. */
class ExportError extends Error {
  override readonly name = "ExportError";
  /** Whether a retry would fail again. */
  readonly isFinal: boolean;
  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** A retry would fail again, with a part of the record in the file. */
const throwFileError = (): never => {
  throw new ExportError("The file could not be written. Is the disk full?", true);
};

const STORAGE_NOTE = "An export needs all logs and fails while part of the log storage is unavailable.";

/** Path of the export request. Relative times are resolved, so that a retry has the same range. */
export const toExportPath = (filter: Filter, format: ExportFormat, columns: readonly string[]): string => {
  const nowMs = Date.now();
  const toAbsolute = (time: string): string => (time === "" ? "" : String(Math.round(toEpochMs(time, nowMs))));
  const params = toParams({ ...filter, from: toAbsolute(filter.from), to: toAbsolute(filter.to) });
  params.set("format", format);
  if (format === "csv" && columns.length > 0) {
    params.set("columns", joinList(["level", "app", "message", ...columns]));
  }
  return `/export?${params}`;
};

const openStream = async (path: string, abort: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
  const outcome = await request(path, { signal: abort });
  if (outcome.state === "signed_out") throw new ExportError("You are signed out.", true);
  if (outcome.state === "failed") {
    const { status = 0, message } = outcome;
    throw new ExportError(status === 503 ? `${message} ${STORAGE_NOTE}` : message, isFinalStatus(status));
  }
  return outcome.answer.body ?? new ReadableStream({ start: (controller) => controller.close() });
};

/** Reads until the stream ends. Resolves with `false` when the memory limit is reached. */
const readOnce = async (
  path: string,
  records: RecordReader,
  write: (text: string) => Promise<boolean>,
  abort: AbortSignal,
): Promise<boolean> => {
  const after = records.after === undefined ? "" : `&after=${encodeURIComponent(records.after)}`;
  const stream = await openStream(path + after, abort);
  // A CSV starts with a byte order mark: without it, Excel takes UTF-8 for another encoding.
  const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true });
  const reader = stream.pipeThrough(decoder as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (!(await write(records.push(chunk.value)))) return false;
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
  const report = (state: ExportJob["state"], message?: string): void => {
    // A file may be written or closed after the user has cancelled its export.
    if (abort.aborted) return;
    exportJob.value = { state, format, logs: records.logs, length, ...(message !== undefined && { message }) };
  };
  const write = async (text: string): Promise<boolean> => {
    if (text === "") return true;
    const hasRoom = await sink.write(text).catch(throwFileError);
    abort.throwIfAborted();
    length += text.length;
    failures = 0;
    report("running");
    return hasRoom;
  };
  report("running");
  for (;;) {
    try {
      const isComplete = await readOnce(path, records, write, abort);
      await sink.finish().catch(throwFileError);
      return report(isComplete ? "done" : "full", records.after?.split(",")[0]);
    } catch (error) {
      abort.throwIfAborted();
      failures += 1;
      const message = error instanceof ExportError ? error.message : undefined;
      if ((error instanceof ExportError && error.isFinal) || failures > MAX_FAILURES) {
        await sink.abort();
        return report("failed", message);
      }
      records.reset();
      report("waiting", message);
      const delayMs = backoffMs(failures, RETRY_BASE_MS, MAX_RETRY_MS);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      abort.throwIfAborted();
    }
  }
};

/** Starts an export and cancels the current one. Must be called from a click handler. */
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

/** Cancels the current export without a file, or dismisses the result of the last one. */
export const cancelExport = (): void => {
  controller?.abort();
  exportJob.value = undefined;
};
