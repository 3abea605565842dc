import type { JSX } from "preact";
import { formatCompactCount, formatCount } from "../lib/format-number.ts";
import { cancelExport, exportJob, type ExportJob } from "./run-export.ts";
import "./export-progress.css";

const toMessage = ({ state, logs, length, message }: ExportJob): string => {
  const size = `${formatCount(logs)} logs, ${formatCompactCount(length)} characters`;
  switch (state) {
    case "running":
      return `Exporting: ${size}`;
    case "waiting":
      return `${message ?? "Connection lost."} ${formatCount(logs)} logs exported so far. Retrying…`;
    case "done":
      return `Exported: ${size}`;
    case "full":
      return `The export is incomplete: the browser's memory limit was reached${message === undefined ? "" : ` at ${message}`}. Use a shorter time range, or the curl command in the export menu.`;
    case "failed":
      return `Export failed. ${message ?? "The server is unreachable."}`;
  }
};

/** Progress or result of the export. */
export const ExportProgress = (): JSX.Element | null => {
  const job = exportJob.value;
  if (job === undefined) return null;
  const isRunning = job.state === "running" || job.state === "waiting";
  return (
    <div class="export-progress card" role="status">
      <span>{toMessage(job)}</span>
      <button class="button quiet" type="button" onClick={cancelExport}>
        {isRunning ? "Cancel" : "Close"}
      </button>
    </div>
  );
};
