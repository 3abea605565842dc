import type { JSX } from "preact";
import type { ExportFormat } from "#contract/api/export.ts";
import type { Filter } from "../address.ts";
import { startExport } from "./run-export.ts";

const FORMATS: readonly (readonly [format: ExportFormat, title: string])[] = [
  ["ndjson", "NDJSON, whole documents"],
  ["csv", "CSV, for a spreadsheet"],
  ["text", "Text, with stack traces"],
];

interface ExportFormatsProps {
  readonly filter: Filter;
  /** Further ones of a CSV. */
  readonly columns: readonly string[];
}

/** A button for each format, within a menu. */
export const ExportFormats = ({ filter, columns }: ExportFormatsProps): JSX.Element => (
  <>
    {FORMATS.map(([format, title]) => (
      <button key={format} class="button quiet" type="button" onClick={() => void startExport(filter, format, columns)}>
        {title}
      </button>
    ))}
  </>
);
