/**
 * One call of `log()` as an event of the contract, serialised.
 */
import { MAX_BODY_LENGTH } from "../../contract/limits.ts";
import type { Attributes } from "../../contract/log-event.ts";
import type { Severity } from "../../contract/severity.ts";
import { cut } from "./cut.ts";
import { exceptionAttributes } from "./exception-attributes.ts";
import { mergeAttributes } from "./merge-attributes.ts";
import type { QueuedEvent } from "./outbox.ts";
import { toAttributes } from "./to-attributes.ts";
import { utf8Length } from "./utf8-length.ts";

/** What the page said. */
export interface LogCall {
  readonly id: string;
  readonly atMs: number;
  readonly severity: Severity;
  readonly body: unknown;
  readonly context: Attributes;
  /** Attributes, or the error that happened. */
  readonly detail: unknown;
}

/** An event larger than this is cut harder: the server's limit for a whole message is twice as much. */
const MAX_EVENT_BYTES = 524_288;

/** How long texts may be at the second attempt: even 128 of them stay below {@link MAX_EVENT_BYTES}. */
const TIGHT_BODY_LENGTH = 16_384;
const TIGHT_VALUE_LENGTH = 512;

const attributesOf = ({ body, context, detail }: LogCall): Attributes => {
  const own = detail instanceof Error ? { error: detail } : detail;
  const { error, ...rest } = mergeAttributes(context, own);
  const cause = error instanceof Error ? error : body instanceof Error ? body : undefined;
  if (cause !== undefined) return { ...exceptionAttributes(cause), ...rest };
  return error === undefined ? rest : { ...rest, error };
};

const serialise = (call: LogCall, attributes: Attributes, maxBody: number, maxValue?: number): string => {
  const { id, atMs: time, severity, body } = call;
  const text = body instanceof Error ? `${body.name}: ${body.message}` : String(body);
  const bounded = toAttributes(attributes, maxValue);
  const isEmpty = Object.keys(bounded).length === 0;
  return JSON.stringify({ id, time, severity, body: cut(text, maxBody), attributes: isEmpty ? undefined : bounded });
};

/** May throw only where the caller's own objects do; the logger counts that. */
export const toEvent = (call: LogCall): QueuedEvent => {
  const { id, atMs, severity } = call;
  const attributes = attributesOf(call);
  let json = serialise(call, attributes, MAX_BODY_LENGTH);
  if (utf8Length(json) > MAX_EVENT_BYTES) json = serialise(call, attributes, TIGHT_BODY_LENGTH, TIGHT_VALUE_LENGTH);
  return { id, severity, atMs, json, bytes: utf8Length(json) };
};
