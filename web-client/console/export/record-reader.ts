/** Splits a stream from `/export` into complete records, and tracks the last one so that a broken stream can be resumed. Pure. */
import type { ExportFormat } from "#contract/api/export.ts";

export interface RecordReader {
  /** Adds a chunk of the stream; returns the records that are now complete. */
  push(chunk: string): string;
  /** Call at the regular end of the stream; returns the last record. */
  end(): string;
  /** Call when the stream broke; discards the incomplete record. */
  reset(): void;
  /** Value for the parameter `after`: `TIME,ID` of the last complete record; `undefined` before the first. */
  readonly after: string | undefined;
  /** Number of complete records. */
  readonly logs: number;
}

const CSV_START = /^"(\d{4}-[^,"]+Z)","([\da-f-]{36})"/;
const TEXT_START = /^(\d{4}-\S+Z) [A-Z]+ +\S+ ([\da-f-]{36}) /;

const readJsonStart = (line: string): string | undefined => {
  const { id, document } = JSON.parse(line) as { id: string; document: { "@timestamp": string } };
  return `${document["@timestamp"]},${id}`;
};

const byPattern =
  (pattern: RegExp) =>
  (record: string): string | undefined => {
    const [, time, id] = pattern.exec(record) ?? [];
    return time === undefined ? undefined : `${time},${id}`;
  };

const toPosition: Readonly<Record<ExportFormat, (record: string) => string | undefined>> = {
  ndjson: readJsonStart,
  csv: byPattern(CSV_START),
  text: byPattern(TEXT_START),
};

const countQuotes = (text: string): number => text.split('"').length - 1;

export const createRecordReader = (format: ExportFormat): RecordReader => {
  /** Complete lines of the incomplete record, and the incomplete line. */
  let record = "";
  let line = "";
  /** Whether the position is inside quotes, where a CSV record may contain line breaks. */
  let isQuoted = false;
  let after: string | undefined;
  let logs = 0;

  const finish = (): string => {
    const complete = record;
    record = "";
    if (complete === "") return "";
    const position = toPosition[format](complete);
    if (position !== undefined) {
      after = position;
      logs += 1;
    }
    return complete;
  };
  /** Adds a line with its line break; returns the record that it completes. */
  const addLine = (next: string): string => {
    if (format === "text") {
      // Stack traces follow as indented lines: a record is complete when the next one starts.
      const before = TEXT_START.test(next) ? finish() : "";
      record += next;
      return before;
    }
    record += next;
    if (format === "csv" && countQuotes(next) % 2 === 1) isQuoted = !isQuoted;
    return isQuoted ? "" : finish();
  };
  return {
    push(chunk) {
      let complete = "";
      let start = 0;
      for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
        complete += addLine(line + chunk.slice(start, end + 1));
        line = "";
        start = end + 1;
      }
      line += chunk.slice(start);
      return complete;
    },
    end() {
      const rest = line === "" ? "" : addLine(line);
      line = "";
      return rest + finish();
    },
    reset() {
      isQuoted = false;
      record = "";
      line = "";
    },
    get after() {
      return after;
    },
    get logs() {
      return logs;
    },
  };
};
