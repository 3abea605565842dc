/**
 * `GET /export`: all matching logs, oldest first, as a stream. The client's reading speed limits the search: at most two
 * pages are in memory.
 */
import { exportParamsSchema } from "#contract/api/export.ts";
import { MAX_CLOCK_AHEAD_MS } from "#contract/wire/limits.ts";
import { logWarning } from "../logger.ts";
import { createExportWriter } from "../read/export-format.ts";
import { fetchExportPages } from "../read/fetch-export-pages.ts";
import { toReadScope } from "../read/scope.ts";
import { findPosition } from "../read/find-position.ts";
import { parseReadRequest, type ReadCall } from "./parse-read-request.ts";

const EXTENSIONS = { ndjson: "ndjson", csv: "csv", text: "txt" } as const;

/**
 * Streams NDJSON, CSV or text. Fails with 400 `invalid_query`, 403 `forbidden_app`, 503 `store_unavailable`; an error after
 * the first page aborts the stream.
 */
export const getExport = async (call: ReadCall): Promise<Response> => {
  // A file has no mark for missing logs, so an export is complete or fails.
  const { reader, params, completeClient: client } = await parseReadRequest(call, exportParamsSchema);
  const nowMs = Date.now();
  const to = params.to ?? String(nowMs + MAX_CLOCK_AHEAD_MS);
  const { clause } = toReadScope({ ...params, to }, reader.apps, nowMs);
  const writer = createExportWriter(params.format, params.columns);
  const start = params.after === undefined ? undefined : await findPosition(client, reader.apps, params.after);
  const pages = fetchExportPages(client, clause, start);
  // The first page is read before the response starts, so that an error can still set the HTTP status.
  let next = pages.next();
  await next;
  const encoder = new TextEncoder();
  let head = params.after === undefined ? writer.head : "";

  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await next;
        if (done === true) {
          if (head !== "") controller.enqueue(encoder.encode(head));
          controller.close();
          return;
        }
        next = pages.next();
        // Avoids an unhandled rejection; the next `pull` awaits the same promise and rethrows it.
        next.catch(() => undefined);
        controller.enqueue(encoder.encode(head + writer.format(value)));
        head = "";
      } catch (error) {
        // An aborted stream is the only way to signal an incomplete export. The client resumes after its last line.
        logWarning("an export was aborted", { error: error instanceof Error ? error.name : "unknown" });
        controller.error(error);
      }
    },
    async cancel() {
      await pages.return();
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": writer.contentType,
      "Content-Disposition": `attachment; filename="logs-${new Date(nowMs).toISOString().slice(0, 10)}.${EXTENSIONS[params.format]}"`,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    },
  });
};
