import type { JSX } from "preact";
import { formatCompactCount, formatCount } from "../lib/format-number.ts";
import { cancelExport, exportJob, type ExportJob } from "./run-export.ts";
import "./export-progress.css";

const describe = ({ state, logs, length, message }: ExportJob): string => {
  const size = `${formatCount(logs)} logs, ${formatCompactCount(length)} characters`;
  switch (state) {
    case "running":
      return `Exporting: ${size}`;
    case "waiting":
      return `The connection broke after ${formatCount(logs)} logs; it goes on from there.`;
    case "done":
      return `Exported: ${size}`;
    case "full":
      return `This browser can't keep more: the file ends with ${message ?? "what came"}. Choose a shorter time, or copy the curl command.`;
    case "failed":
      return `The export failed: ${message ?? "the server cannot be reached."}`;
  }
};

/** How far the export is. */
export const ExportProgress = (): JSX.Element | null => {
  const job = exportJob.value;
  if (job === undefined) return null;
  const isRunning = job.state === "running" || job.state === "waiting";
  return (
    <div class="export-progress card" role="status">
      <span>{describe(job)}</span>
      <button class="button quiet" type="button" onClick={cancelExport}>
        {isRunning ? "Cancel" : "Close"}
      </button>
    </div>
  );
};
