/**
 * Compression by the browser itself; Chromium does it on the thread that asks.
 */

/** Below it compression is not worth its time. */
const MIN_GZIP_LENGTH = 1_024;

/** `text` in UTF-8, compressed. */
export const gzip = (text: string): Promise<ArrayBuffer> => {
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  // What goes wrong here shows at the other end.
  writer.write(new TextEncoder().encode(text)).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable).arrayBuffer();
};

/** Whether a body is worth compressing, and can be. */
export const isWorthGzip = (text: string): boolean =>
  text.length > MIN_GZIP_LENGTH && "CompressionStream" in globalThis;
