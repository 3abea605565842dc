/**
 * The exceptions of loggers: the text of a message or of a stack trace, an object, or the list of structlog.
 */
import { isObject } from "#contract/wire/json-object.ts";
import type { FieldMap } from "./field-map.ts";

/** The keys that objects of exceptions use. */
const EXCEPTION_KEYS: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ["exception.type", ["type", "name", "class", "exception_class"]],
  ["exception.message", ["message", "msg", "exception_message"]],
  ["exception.stacktrace", ["stack", "stacktrace", "stack_trace", "extendedStackTrace"]],
];

/** Keys of texts that are a message if they have one line, as loggers of Go write `err`. Texts of other keys are stack traces. */
const MESSAGE_OR_TRACE_KEYS: ReadonlySet<string> = new Set(["err", "error", "exception", "exc_info"]);

const nameOfText = (key: string, text: string): string =>
  MESSAGE_OR_TRACE_KEYS.has(key) && !text.includes("\n") ? "exception.message" : "exception.stacktrace";

/**
 * Adds the value of a field that is an exception.
 *
 * @param key The name of the field, which a value of another kind keeps.
 */
export const addException = (attributes: FieldMap, key: string, value: unknown): void => {
  if (!isObject(value)) {
    attributes.add(typeof value === "string" ? nameOfText(key, value) : key, value, key);
    return;
  }
  const rest = new Map(Object.entries(value));
  for (const [name, keys] of EXCEPTION_KEYS) {
    const own = keys.find((each) => typeof rest.get(each) === "string");
    if (own === undefined) continue;
    attributes.add(name, rest.get(own), `${key}.${own}`);
    rest.delete(own);
  }
  for (const [own, each] of rest) attributes.keep(`${key}.${own}`, each);
};
