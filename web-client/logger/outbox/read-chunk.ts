/**
 * Reads a chunk that an earlier logger wrote.
 */
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import { parseJson } from "../parse-json.ts";
import type { Chunk } from "./chunk.ts";

interface StoredChunk {
  readonly resource?: object;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly events?: readonly { readonly id: string; readonly severity: Severity }[];
}

/** A chunk from its text; without events if the text is not a chunk. */
export const readChunk = (key: string, text: string): Chunk => {
  const { resource = {}, attributes = {}, events } = (parseJson(text) ?? {}) as StoredChunk;
  const chunk: Chunk = { _key: key, _head: JSON.stringify({ resource, attributes }), _events: [] };
  if (!Object.keys(attributes)[0] || !Array.isArray(events)) return chunk;
  for (const event of events as NonNullable<StoredChunk["events"]>) {
    const { id, severity } = event;
    if (SEVERITIES.includes(severity))
      chunk._events.push({ id, severity, _json: JSON.stringify(event), _chunk: chunk });
  }
  return chunk;
};
