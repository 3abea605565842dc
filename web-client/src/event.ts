/**
 * One call of `log()` as an event of the contract, serialised. Its time is the one in its id, so it has no `time`.
 */
import { MAX_BODY_LENGTH } from "../../contract/limits.ts";
import type { Attributes } from "../../contract/log-event.ts";
import type { Severity } from "../../contract/severity.ts";
import type { Chunk } from "./chunk.ts";
import { cut } from "./cut.ts";
import { exceptionAttributes } from "./exception-attributes.ts";
import { redact } from "./redact.ts";
import { MAX_EVENT_LENGTH, toAttributes } from "./to-attributes.ts";
import { utf8Length } from "./utf8-length.ts";

/** What the page said. */
export interface LogCall {
  readonly id: string;
  readonly severity: Severity;
  readonly body: unknown;
  readonly attributes: Attributes;
}

/** An event on its way, serialised when it was logged. */
export interface QueuedEvent {
  readonly id: string;
  readonly severity: Severity;
  readonly json: string;
  readonly bytes: number;
  /** What it is written with. */
  readonly chunk: Chunk;
  /** Accounted for or dropped. */
  isGone?: boolean;
  isHeld?: boolean;
}

/** A copy that later changes to the caller's objects don't reach; cheap where nothing is nested. Errors don't change. */
export const snapshot = (detail: unknown): Attributes => {
  if (detail instanceof Error) return { error: detail };
  try {
    for (const value of Object.values(detail ?? {})) {
      if (value && typeof value === "object" && !(value instanceof Error)) return toAttributes(detail as object);
    }
    return { ...(detail as object) };
  } catch {
    return toAttributes(detail as object);
  }
};

/** JSON of an event; `extra` are further fields. May throw only where the caller's own objects do. */
export const toJson = ({ id, severity, body, attributes }: LogCall, extra?: object): string => {
  const { error, ...rest } = attributes;
  const cause = error instanceof Error ? error : body;
  const bounded = toAttributes(cause instanceof Error ? { ...exceptionAttributes(cause), ...rest } : attributes);
  const text = body instanceof Error ? `${body.name}: ${body.message}` : String(body);
  const short = redact(cut(text, MAX_BODY_LENGTH));
  const room = short.length > 8_192 ? MAX_EVENT_LENGTH - JSON.stringify(bounded).length : MAX_BODY_LENGTH;
  return JSON.stringify({
    id,
    severity,
    body: cut(short, Math.min(MAX_BODY_LENGTH, room)),
    attributes: bounded,
    ...extra,
  });
};

/** An event of a chunk. */
export const toQueued = (id: string, severity: Severity, json: string, chunk: Chunk): QueuedEvent => ({
  id,
  severity,
  json,
  bytes: utf8Length(json),
  chunk,
});
