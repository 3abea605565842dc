import type { JSX } from "preact";
import type { ExportFormat } from "#contract/api/export.ts";
import type { Filter } from "../address.ts";
import { startExport } from "./run-export.ts";

const FORMATS: readonly (readonly [format: ExportFormat, title: string])[] = [
  ["ndjson", "NDJSON, full documents"],
  ["csv", "CSV, for a spreadsheet"],
  ["text", "Text, with stack traces"],
];

interface ExportFormatsProps {
  readonly filter: Filter;
  /** Extra columns of a CSV file. */
  readonly columns: readonly string[];
}

/** One button per export format, for a menu. */
export const ExportFormats = ({ filter, columns }: ExportFormatsProps): JSX.Element => (
  <>
    {FORMATS.map(([format, title]) => (
      <button key={format} class="button quiet" type="button" onClick={() => void startExport(filter, format, columns)}>
        {title}
      </button>
    ))}
  </>
);
