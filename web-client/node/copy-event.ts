/**
 * Copies log calls like the browser's logger, and adds the fields that an adapter has for the event.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import { copyRecord as copyCall } from "../logger/event/copy-event.ts";
import type { LogRecord } from "../logger/logger.ts";
import { eventFieldsOf } from "./event-fields.ts";

export * from "../logger/event/copy-event.ts";

/** The last source is the argument of the log call; without one, the body may have the fields. */
export const copyRecord = (fields: Attributes, ...sources: readonly unknown[]): LogRecord =>
  copyCall({ ...fields, ...eventFieldsOf(sources.at(-1) ?? fields["body"]) }, ...sources);
