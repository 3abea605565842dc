/**
 * Downloads logs as a file. The token goes in a header, never into an address, so the browser cannot do it by itself.
 */
import type { ExportFormat } from "../../../contract/export.ts";
import { request } from "../api/ask.ts";

export interface DownloadOptions {
  /** Filter of `/export`. */
  readonly params: Readonly<Record<string, string>>;
  readonly format: ExportFormat;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Called with the bytes that have come. */
  readonly onProgress: (bytes: number) => void;
}

const ENDINGS: Readonly<Record<ExportFormat, string>> = { ndjson: "ndjson", csv: "csv", text: "txt" };

const save = (blob: Blob, name: string): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
};

/** Returns why it failed; `undefined` when the file is whole. Rejects when `signal` aborts only. */
export const download = async (options: DownloadOptions): Promise<string | undefined> => {
  const { params, format, name, signal, onProgress } = options;
  const outcome = await request(`/export?${new URLSearchParams({ ...params, format })}`, { signal });
  if (outcome.state !== "found") return outcome.state === "failed" ? outcome.message : "You are signed out.";
  const { answer: response } = outcome;
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      onProgress(bytes);
      controller.enqueue(chunk);
    },
  });
  try {
    // The browser keeps a blob on disk when it is large.
    const blob = await new Response(response.body?.pipeThrough(counter) ?? null).blob();
    save(blob, `${name}.${ENDINGS[format]}`);
    return undefined;
  } catch {
    signal.throwIfAborted();
    return "The download broke off; nothing was saved.";
  }
};
