/** Loads a session's logs in order, page by page, with `/export`: it sorts by time and can start after any log. */
import type { SearchHit } from "#contract/api/search.ts";
import { request, type RequestResult } from "../api/request.ts";
import type { Page } from "../api/use-pages.ts";

/** Logs per page. */
const TIMELINE_PAGE = 200;

const isHit = (value: unknown): value is SearchHit =>
  typeof value === "object" && value !== null && "id" in value && "document" in value;

/** Reads up to `max + 1` lines, then cancels the stream. The extra line shows that there is another page. */
const readLines = async (stream: ReadableStream<Uint8Array>, max: number): Promise<string[]> => {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  const lines: string[] = [];
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      // Each log ends with a line feed: the response was cut, or is from a proxy.
      if (rest !== "") throw new TypeError("Incomplete line.");
      return lines;
    }
    const parts = (rest + value).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (lines.length <= max) continue;
    await reader.cancel();
    return lines.slice(0, max + 1);
  }
};

/** Loads the page after `last`, or the first page without it. Rejects only when `signal` aborts. */
export const readTimeline = async (
  session: string,
  last: SearchHit | undefined,
  signal: AbortSignal,
): Promise<RequestResult<Page<SearchHit, SearchHit>>> => {
  const params = new URLSearchParams({ session, format: "ndjson" });
  if (last !== undefined) params.set("after", `${last.document["@timestamp"]},${last.id}`);
  const outcome = await request(`/export?${params}`, { signal });
  if (outcome.state !== "ok") return outcome;
  const { body } = outcome.answer;
  try {
    const lines = body === null ? [] : await readLines(body, TIMELINE_PAGE);
    const parsed = lines.slice(0, TIMELINE_PAGE).map((line): unknown => JSON.parse(line));
    const hits = parsed.filter(isHit);
    if (hits.length < parsed.length) throw new TypeError("Not a log.");
    return { state: "ok", answer: { hits, next: lines.length > TIMELINE_PAGE ? hits.at(-1) : undefined } };
  } catch {
    signal.throwIfAborted();
    return { state: "failed", message: "Connection lost while loading the logs of the session." };
  }
};
