/**
 * Cuts a stream of `/export` into whole logs, and knows the last of them: behind it a broken stream is resumed. Pure.
 */
import type { ExportFormat } from "#contract/api/export.ts";

export interface RecordReader {
  /** Takes a piece of the stream; gives what is whole by now. */
  push(piece: string): string;
  /** The stream has ended well: gives the rest. */
  end(): string;
  /** The stream broke: forgets what is not whole. */
  reset(): void;
  /** `TIME,ID` of the last whole log, for `after`; `undefined` before the first. */
  readonly after: string | undefined;
  readonly logs: number;
}

const CSV_START = /^(\d{4}-[^,"]+Z),([\da-f-]{36}),/;
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

const toPlace: Readonly<Record<ExportFormat, (record: string) => string | undefined>> = {
  ndjson: readJsonStart,
  csv: byPattern(CSV_START),
  text: byPattern(TEXT_START),
};

const countQuotes = (text: string): number => text.split('"').length - 1;

export const createRecordReader = (format: ExportFormat): RecordReader => {
  /** Lines of the record that is not whole yet, and the line that is not. */
  let record = "";
  let line = "";
  /** Within quotes, a record of a CSV has lines of its own. */
  let isQuoted = false;
  let after: string | undefined;
  let logs = 0;

  const finish = (): string => {
    const whole = record;
    record = "";
    if (whole === "") return "";
    const place = toPlace[format](whole);
    if (place !== undefined) {
      after = place;
      logs += 1;
    }
    return whole;
  };
  /** Takes a line with its end; gives the record that it completes. */
  const take = (next: string): string => {
    if (format === "text") {
      // A trace is indented: a log is whole when the next one begins.
      const before = TEXT_START.test(next) ? finish() : "";
      record += next;
      return before;
    }
    record += next;
    if (format === "csv" && countQuotes(next) % 2 === 1) isQuoted = !isQuoted;
    return isQuoted ? "" : finish();
  };
  return {
    push(piece) {
      let whole = "";
      let start = 0;
      for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", start)) {
        whole += take(line + piece.slice(start, end + 1));
        line = "";
        start = end + 1;
      }
      line += piece.slice(start);
      return whole;
    },
    end() {
      const rest = line === "" ? "" : take(line);
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
