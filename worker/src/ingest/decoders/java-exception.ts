/**
 * Exceptions that loggers for Java write as objects with a list of frames, and their stack traces as Java prints them.
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { isEmpty } from "./field-map.ts";

/** Keys of the frames: Log4j, Logback's JsonEncoder, and JBoss Log Manager (Quarkus, WildFly). */
const FRAMES_KEYS = ["extendedStackTrace", "stepArray", "frames"] as const;
const TYPE_KEYS = ["name", "className", "exceptionType"] as const;
/** Numbers of frames that a cause has in common with the exception before it. */
const COMMON_KEYS = ["commonElementCount", "commonFramesCount"] as const;

const textOf = (object: JsonObject, keys: readonly string[]): string | undefined =>
  keys.map((key) => object[key]).find((value) => typeof value === "string");

const numberOf = (object: JsonObject, keys: readonly string[]): number | undefined =>
  keys.map((key) => object[key]).find((value) => typeof value === "number");

const isFrame = (frame: unknown): frame is JsonObject =>
  isObject(frame) &&
  textOf(frame, ["class", "className"]) !== undefined &&
  textOf(frame, ["method", "methodName"]) !== undefined;

const framesOf = (
  exception: JsonObject,
): { readonly key: string; readonly frames: readonly JsonObject[] } | undefined => {
  for (const key of FRAMES_KEYS) {
    const frames = exception[key];
    if (Array.isArray(frames) && frames.length > 0 && frames.every(isFrame)) return { key, frames };
  }
  return undefined;
};

/** The line of a method of the virtual machine itself. */
const NATIVE_LINE = -2;

const renderPlace = (frame: JsonObject): string => {
  const line = numberOf(frame, ["line", "lineNumber"]);
  if (line === NATIVE_LINE) return "Native Method";
  const file = textOf(frame, ["file", "fileName"]) ?? "Unknown Source";
  return line === undefined || line < 0 ? file : `${file}:${line}`;
};

/** With the library, as Log4j writes it: `~` marks one that is not certain. */
const renderFrame = (frame: JsonObject): string => {
  const name = `${textOf(frame, ["class", "className"])}.${textOf(frame, ["method", "methodName"])}`;
  const { location, version, exact } = frame;
  const library =
    typeof location === "string"
      ? ` ${exact === true ? "" : "~"}[${location}:${textOf({ version }, ["version"]) ?? "?"}]`
      : "";
  return `\tat ${name}(${renderPlace(frame)})${library}`;
};

/** JBoss Log Manager puts an object `exception` around a cause. */
const causeOf = (exception: JsonObject): JsonObject | undefined => {
  const { cause, causedBy } = exception;
  if (isObject(cause)) return cause;
  if (!isObject(causedBy)) return undefined;
  const { exception: nested, ...others } = causedBy;
  return isObject(nested) && Object.keys(others).length === 0 ? nested : causedBy;
};

/** Whether each member of a frame is in its line. */
const isFrameRendered = (frame: JsonObject): boolean =>
  Object.entries(frame).every(([key, value]) => {
    switch (key) {
      case "class":
      case "className":
        return value === textOf(frame, ["class", "className"]);
      case "method":
      case "methodName":
        return value === textOf(frame, ["method", "methodName"]);
      case "file":
      case "fileName":
        return isEmpty(value) || value === textOf(frame, ["file", "fileName"]);
      case "line":
      case "lineNumber":
        return isEmpty(value) || value === numberOf(frame, ["line", "lineNumber"]);
      case "exact":
        return typeof value === "boolean";
      case "location":
        return isEmpty(value) || typeof value === "string";
      case "version":
        return isEmpty(value) || (typeof value === "string" && typeof frame["location"] === "string");
      default:
        return isEmpty(value);
    }
  });

/** The key of the cause that is rendered. */
const causeKeyOf = (exception: JsonObject): string => (isObject(exception["cause"]) ? "cause" : "causedBy");

/** Whether each member of a cause is in the stack trace, or has no meaning outside of its log (`refId`). */
const isCauseRendered = (exception: JsonObject): boolean => {
  const framesKey = framesOf(exception)?.key;
  const common: readonly string[] = COMMON_KEYS;
  const types: readonly string[] = TYPE_KEYS;
  return Object.entries(exception).every(([key, value]) => {
    if (isEmpty(value) || key === framesKey || key === "refId" || common.includes(key)) return true;
    if (key === "message") return typeof value === "string";
    if (key === "localizedMessage") return value === exception["message"];
    if (types.includes(key)) return value === textOf(exception, TYPE_KEYS);
    return key === causeKeyOf(exception) && causeOf(exception) !== undefined;
  });
};

/** An exception with its causes. */
export interface JavaException {
  readonly type: string;
  readonly message: string | undefined;
  readonly stacktrace: string;
  /** Members whose values are not in the stack trace. */
  readonly rest: ReadonlyMap<string, unknown>;
}

/** `undefined` for an object without a list of frames. */
export const toJavaException = (exception: JsonObject): JavaException | undefined => {
  const own = framesOf(exception);
  const type = textOf(exception, TYPE_KEYS);
  if (own === undefined || type === undefined) return undefined;
  const lines: string[] = [];
  let hasAllCauses = true;
  let hasAllFrames = true;
  for (let each: JsonObject | undefined = exception; each !== undefined; each = causeOf(each)) {
    const frames = framesOf(each)?.frames ?? [];
    const error = [textOf(each, TYPE_KEYS), textOf(each, ["message"])].filter((text) => !isEmpty(text)).join(": ");
    lines.push(each === exception ? error : `Caused by: ${error}`);
    for (const frame of frames) lines.push(renderFrame(frame));
    const common = numberOf(each, COMMON_KEYS) ?? 0;
    if (common > 0) lines.push(`\t... ${common} more`);
    const isRendered = frames.every(isFrameRendered);
    if (each === exception) hasAllFrames = isRendered;
    else if (!isRendered || frames.length === 0 || !isCauseRendered(each)) hasAllCauses = false;
  }
  const message = textOf(exception, ["message"]);
  const rendered = new Set<string>([
    ...TYPE_KEYS.filter((key) => exception[key] === type),
    ...(message === undefined ? [] : ["message"]),
    ...(hasAllFrames ? [own.key] : []),
    ...(hasAllCauses && causeOf(exception) !== undefined ? [causeKeyOf(exception)] : []),
  ]);
  const rest = new Map(Object.entries(exception).filter(([key]) => !rendered.has(key)));
  return { type, message, stacktrace: lines.join("\n"), rest };
};
