/**
 * The exceptions of loggers: the text of a message or of a stack trace, an object, or the list of structlog.
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { isEmpty, type FieldMap } from "./field-map.ts";
import { toJavaException, type JavaException } from "./java-exception.ts";

/** The keys that objects of exceptions use. */
const EXCEPTION_KEYS: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ["exception.type", ["type", "name", "class", "exception_class"]],
  ["exception.message", ["message", "msg", "exception_message"]],
  ["exception.stacktrace", ["stack", "stacktrace", "stack_trace", "stackTrace", "extendedStackTrace"]],
];

/** Keys of texts that are a message if they have one line, as loggers of Go write `err`. Texts of other keys are stack traces. */
const MESSAGE_OR_TRACE_KEYS: ReadonlySet<string> = new Set([
  "err",
  "error",
  "exception",
  "_exception",
  "exc_info",
  "throwable",
]);

/** Python's place of a call that logs (`stack_info=True`), which is not that of an error. */
const CALL_STACK = "Stack (most recent call last)";

const nameOfText = (key: string, text: string): string => {
  if (text.startsWith(CALL_STACK)) return key;
  return MESSAGE_OR_TRACE_KEYS.has(key) && !text.includes("\n") ? "exception.message" : "exception.stacktrace";
};

/** An exception of structlog's `dict_tracebacks`. The list has the exception that was raised first, then the ones before it. */
interface Raised extends JsonObject {
  readonly exc_type: string;
}

const isRaisedList = (value: unknown): value is readonly Raised[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((each) => isObject(each) && typeof each["exc_type"] === "string");

const listOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

/** As Python writes it. */
const renderRaised = ({ exc_type: type, exc_value: message, exc_notes: notes, frames }: Raised): string => {
  const lines = listOf(frames).flatMap(({ filename, lineno, name, line }) => [
    `  File "${textOf(filename)}", line ${textOf(lineno)}, in ${textOf(name)}`,
    ...(typeof line === "string" && line !== "" ? [`    ${line}`] : []),
  ]);
  const error = textOf(message) === "" ? type : `${type}: ${textOf(message)}`;
  return [
    "Traceback (most recent call last):",
    ...lines,
    error,
    ...(Array.isArray(notes) ? notes.map(textOf) : []),
  ].join("\n");
};

const renderLink = ({ is_cause: isCause }: JsonObject): string =>
  isCause === true
    ? "\n\nThe above exception was the direct cause of the following exception:\n\n"
    : "\n\nDuring handling of the above exception, another exception occurred:\n\n";

const STACK_MEMBERS: ReadonlySet<string> = new Set([
  "exc_type",
  "exc_value",
  "exc_notes",
  "is_cause",
  "is_group",
  "frames",
]);
const FRAME_MEMBERS: ReadonlySet<string> = new Set(["filename", "lineno", "name", "line"]);

const hasOthers = (object: JsonObject, members: ReadonlySet<string>): boolean =>
  Object.entries(object).some(([key, value]) => !members.has(key) && !isEmpty(value));

/** Adds the exception that was raised, with the stack trace of all. The list stays if it has more, such as local variables. */
const addRaised = (attributes: FieldMap, key: string, list: readonly Raised[]): void => {
  const [raised] = list;
  const trace = list.toReversed().reduce((text, each, i, all) => {
    const before = all[i - 1];
    return before === undefined ? renderRaised(each) : text + renderLink(before) + renderRaised(each);
  }, "");
  attributes.add("exception.type", raised?.exc_type, `${key}.exc_type`);
  attributes.add("exception.message", textOf(raised?.["exc_value"]), `${key}.exc_value`);
  attributes.add("exception.stacktrace", trace, `${key}.frames`);
  const isRendered = list.every(
    (each) =>
      !hasOthers(each, STACK_MEMBERS) && listOf(each["frames"]).every((frame) => !hasOthers(frame, FRAME_MEMBERS)),
  );
  if (!isRendered) attributes.keep(key, list);
};

/** A line of a stack trace of Java, JavaScript or Python. */
const TRACE_LINE = /^[ \t]*(?:at \S|File "|Traceback \()/;

/** The stack trace in a list of its lines, as formatters for Python write it. `undefined` for another list. */
const joinLines = (value: unknown): string | undefined =>
  Array.isArray(value) &&
  value.every((line) => typeof line === "string") &&
  value.some((line: string) => TRACE_LINE.test(line))
    ? value.map((line: string) => line.replace(/\n$/, "")).join("\n")
    : undefined;

/** A frame of Go, as zerolog's pkgerrors writes it. */
interface GoFrame extends JsonObject {
  readonly func: string;
  readonly source: string;
}

const GO_MEMBERS: ReadonlySet<string> = new Set(["func", "source", "line"]);

const isGoFrame = (frame: unknown): frame is GoFrame =>
  isObject(frame) &&
  typeof frame["func"] === "string" &&
  typeof frame["source"] === "string" &&
  !hasOthers(frame, GO_MEMBERS);

/** As Go prints it. `undefined` for another list. */
const renderGoFrames = (value: unknown): string | undefined =>
  Array.isArray(value) && value.length > 0 && value.every(isGoFrame)
    ? value.map(({ func, source, line }) => `${func}\n\t${source}:${textOf(line)}`).join("\n")
    : undefined;

/** Adds an exception of Java. The list of frames and the causes stay if they have more than the stack trace, such as suppressed exceptions. */
const addJava = (attributes: FieldMap, key: string, { type, message, stacktrace, rest }: JavaException): void => {
  attributes.add("exception.type", type, `${key}.type`);
  attributes.add("exception.message", message, `${key}.message`);
  attributes.add("exception.stacktrace", stacktrace, `${key}.stacktrace`);
  for (const [own, each] of rest) attributes.keep(`${key}.${own}`, each);
};

/**
 * Adds the value of a field that is an exception.
 *
 * @param key The name of the field, which a value of another kind keeps.
 */
export const addException = (attributes: FieldMap, key: string, value: unknown): void => {
  if (isRaisedList(value)) {
    addRaised(attributes, key, value);
    return;
  }
  if (!isObject(value)) {
    const text = joinLines(value) ?? renderGoFrames(value) ?? value;
    attributes.add(typeof text === "string" ? nameOfText(key, text) : key, text, key);
    return;
  }
  const java = toJavaException(value);
  if (java !== undefined) {
    addJava(attributes, key, java);
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
