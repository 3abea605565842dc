import type { JSX } from "preact";
import type { ExportFormat } from "../../../../contract/export.ts";
import { address, filter } from "../../address.ts";
import { Menu } from "../../parts/menu.tsx";
import { toCurlCommand } from "../to-curl-command.ts";
import { startExport, toExportPath } from "./run-export.ts";

const FORMATS: readonly (readonly [format: ExportFormat, title: string])[] = [
  ["ndjson", "NDJSON, whole documents"],
  ["csv", "CSV, for a spreadsheet"],
  ["text", "Text, with stack traces"],
];

/** All logs of the present filter as a file, however many. */
export const ExportMenu = (): JSX.Element => (
  <Menu title="Export">
    <p class="small muted">All logs of this filter, the oldest first.</p>
    {FORMATS.map(([format, title]) => (
      <button
        key={format}
        class="button quiet"
        type="button"
        onClick={() => void startExport(filter.value, format, address.value.columns)}
      >
        {title}
      </button>
    ))}
    <button
      class="button quiet"
      type="button"
      onClick={() => void navigator.clipboard.writeText(toCurlCommand(toExportPath(filter.value, "ndjson", [])))}
    >
      Copy as curl
    </button>
  </Menu>
);
