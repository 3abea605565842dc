/**
 * Formats documents as lines of an export. Every format contains the time and id of each log, so that a client can resume
 * an interrupted stream after the last complete line.
 */
import { stringify } from "csv-stringify/sync";
import { DEFAULT_EXPORT_COLUMNS, type ExportFormat } from "#contract/api/export.ts";
import { readField } from "#contract/query/fields.ts";
import type { LogDocument } from "#contract/store/log-document.ts";
import type { SearchHit } from "#contract/api/search.ts";
import { escapeInvisible } from "#contract/wire/escape-invisible.ts";

export interface ExportWriter {
  readonly contentType: string;
  /** Text before the first log. A resumed export omits it. */
  readonly head: string;
  readonly format: (hits: readonly SearchHit[]) => string;
}

/**
 * Spreadsheets evaluate a cell that begins with one of these characters, and some also evaluate a line within a cell when it is
 * pasted. The last four are the full-width forms.
 */
const FORMULA = /(^|[\r\n\u2028\u2029])([=+\-@\t\uff1d\uff0b\uff0d\uff20])/g;

/**
 * Adds an apostrophe, which makes the line a text, at the start of each line that would be a formula, and of a cell that begins
 * with a carriage return, which some spreadsheets skip.
 */
const defuse = (text: string): string => text.replaceAll(FORMULA, "$1'$2").replace(/^\r/, "'\r");

const toCell = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  // A negative number is not a formula.
  if (typeof value === "number") return String(value);
  return defuse(typeof value === "object" ? JSON.stringify(value) : String(value));
};

/** All cells are quoted, so that a separator or a line break within a cell never starts another one. */
const toCsv = (rows: readonly (readonly string[])[]): string =>
  stringify(rows as string[][], { quoted: true, quoted_empty: true, record_delimiter: "windows" });

/** The byte order mark, without which Excel reads UTF-8 as the encoding of the system. */
const BOM = "\ufeff";

const createCsvWriter = (columns: readonly string[]): ExportWriter => ({
  contentType: "text/csv; charset=utf-8; header=present",
  head: BOM + toCsv([["time (UTC)", "id", ...columns.map(defuse)]]),
  format: (hits) =>
    toCsv(
      hits.map(({ id, document }) => [
        document["@timestamp"],
        id,
        ...columns.map((column) => toCell(readField(document, column))),
      ]),
    ),
});

const toText = (id: string, document: LogDocument): string => {
  const { severity, edgelog, body } = document;
  const stack = readField(document, "exception.stacktrace");
  const lines = [body, ...(typeof stack === "string" ? [stack] : [])].join("\n").split("\n").map(escapeInvisible);
  const head = [document["@timestamp"], severity.text.toUpperCase().padEnd(5), edgelog.app, id].join(" ");
  return `${head} ${lines.join("\n    ")}\n`;
};

/** @param columns Fields of a CSV export, after time and id. */
export const createExportWriter = (
  format: ExportFormat,
  columns: readonly string[] = DEFAULT_EXPORT_COLUMNS,
): ExportWriter => {
  switch (format) {
    case "ndjson":
      return {
        contentType: "application/x-ndjson",
        head: "",
        format: (hits) => hits.map((hit) => `${JSON.stringify(hit)}\n`).join(""),
      };
    case "csv":
      return createCsvWriter(columns);
    case "text":
      return {
        contentType: "text/plain; charset=utf-8",
        head: "",
        format: (hits) => hits.map(({ id, document }) => toText(id, document)).join(""),
      };
  }
};
