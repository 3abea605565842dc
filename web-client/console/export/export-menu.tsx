import type { JSX } from "preact";
import { address, filter } from "../address.ts";
import { CopyButton } from "../components/copy-button.tsx";
import { Menu } from "../components/menu.tsx";
import { toCurlCommand } from "../lib/to-curl-command.ts";
import { ExportFormats } from "./export-formats.tsx";
import { toExportPath } from "./run-export.ts";

/** Exports all logs that match the current filter. */
export const ExportMenu = (): JSX.Element => (
  <Menu title="Export">
    <p class="small muted">All logs that match the filter, oldest first.</p>
    <ExportFormats filter={filter.value} columns={address.value.columns} />
    <CopyButton class="button quiet" text={() => toCurlCommand(toExportPath(filter.value, "ndjson", []))}>
      Copy as curl
    </CopyButton>
  </Menu>
);
