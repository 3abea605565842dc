/**
 * The lines of loguru with `serialize=True`: the record, and its text with the stack trace.
 *
 * Source: https://loguru.readthedocs.io/en/stable/api/logger.html (The record dict)
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { FieldMap } from "./field-map.ts";

const TRACE_START = "Traceback (most recent call last):";

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** As other loggers write it. `undefined` for a record without an exception. */
const toException = (exception: unknown, text: string): JsonObject | undefined => {
  if (!isObject(exception)) return undefined;
  const start = text.indexOf(TRACE_START);
  const { type, value, traceback } = exception;
  const hasTrace = traceback === true && start >= 0;
  return { type, message: value, ...(hasTrace ? { stack: text.slice(start).trimEnd() } : {}) };
};

/** The members of a line: those of the record, then the fields that the program binds. */
export const toLoguruMembers = ({ text, record, ...others }: JsonObject): Map<string, unknown> => {
  const { level, time, exception, file, process, thread, extra, ...rest } = objectOf(record);
  const members = new FieldMap();
  members.keep("level", objectOf(level)["name"]);
  members.keep("time", objectOf(time)["timestamp"]);
  for (const [key, value] of Object.entries(rest)) members.keep(key, value);
  const objects = { file, process, thread };
  for (const [key, value] of Object.entries(objects)) {
    for (const [own, each] of Object.entries(objectOf(value))) members.keep(`${key}.${own}`, each);
  }
  if (exception !== null && exception !== undefined)
    members.keep("exception", toException(exception, String(text)) ?? exception);
  for (const [key, value] of Object.entries(objectOf(extra))) members.keep(key, value, `extra.${key}`);
  for (const [key, value] of Object.entries(others)) members.keep(key, value);
  return new Map(Object.entries(members.map));
};
