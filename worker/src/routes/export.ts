/**
 * `GET /export`: all logs that match, streamed. The reader's pace is the pace: at most two pages are in memory.
 */
import { exportParamsSchema } from "#contract/api/export.ts";
import type { Env } from "../env.ts";
import { logTrouble } from "../logger.ts";
import { readExportPages } from "../read/export-pages.ts";
import type { Place } from "../read/search-page.ts";
import { createExportWriter } from "../read/export-format.ts";
import { toReadScope } from "../read/scope.ts";
import { readRequest } from "./read-request.ts";

const EXTENSIONS = { ndjson: "ndjson", csv: "csv", text: "txt" } as const;

const toPlace = (after: string | undefined): Place | undefined => {
  const [time = "", id = ""] = after?.split(",") ?? [];
  return after === undefined ? undefined : [Date.parse(time), id];
};

export const getExport = async (request: Request, env: Env): Promise<Response> => {
  const { reader, params, client } = await readRequest(request, env, exportParamsSchema);
  const nowMs = Date.now();
  const { clause } = toReadScope({ ...params, to: params.to ?? String(nowMs) }, reader.apps, nowMs);
  const writer = createExportWriter(params.format, params.columns);
  const pages = readExportPages(client, clause, toPlace(params.after));
  // The first page is read before the answer begins, so that trouble can still say its status.
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
        // It is awaited by the next pull; until then its failure is nobody's.
        next.catch(() => undefined);
        controller.enqueue(encoder.encode(head + writer.write(value)));
        head = "";
      } catch (error) {
        // The only way to tell that a stream is not whole: it breaks, and is resumed behind its last line.
        logTrouble("an export broke off", { error: error instanceof Error ? error.name : "unknown" });
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
