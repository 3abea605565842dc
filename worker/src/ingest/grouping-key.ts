/**
 * Computes the key that groups occurrences of one error. Ids, numbers, build hashes and line numbers do not change it.
 * Stored as `error.grouping_key`, the ECS field. Pure.
 */
import { uuidFromText } from "./uuid-from-text.ts";

/** Frames used for the key. Enough to separate errors; few enough that a new outer caller does not create a new group. */
const TOP_FRAMES = 5;

/** Characters of a stack trace or message used for the key. Bounds the time that the patterns below take. */
const MAX_INPUT_LENGTH = 4_096;

/** A constant random UUID: the namespace of the version 5 UUIDs used as keys. */
const NAMESPACE = "5b0c4f0e-7a0e-4d0c-9c54-0d6f1f0f8a11";

/** Stack frames of V8, Java (`at …`), Dart (`#0 …`), Python (`File "…`), and Firefox and Safari (`name@url:line`). */
const FRAME = /^\s*(?:at\s+|#\d+\s+|File\s+"|\S*@\S+:\d)/;

/** Replaces the variable parts of a message (ids, URLs, e-mail addresses, numbers) with placeholders. */
export const normaliseMessage = (message: string): string =>
  message
    .slice(0, MAX_INPUT_LENGTH)
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<uuid>")
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]+/gi, "<url>")
    .replaceAll(/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g, "<email>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+(?:[.,:]\d+)*/g, "<n>")
    .replaceAll(/\s+/g, " ")
    .trim();

/** Removes origin, build hash, query string, line and column from a frame. */
const normaliseFrame = (frame: string): string =>
  frame
    .trim()
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/[^/\s)]*/gi, "")
    .replaceAll(/[?#][^\s:)]*/g, "")
    .replaceAll(/([-.])(?=[0-9A-Za-z_-]*\d)[0-9A-Za-z_-]{6,}(?=\.\w+)/g, "")
    .replaceAll(/(?::\d+)+/g, "")
    .replaceAll(/\bline \d+/g, "line")
    .replaceAll(/^#\d+/g, "#")
    .replaceAll(/0x[0-9a-f]+/gi, "");

const topFrames = (trace: string): readonly string[] =>
  trace
    .slice(0, MAX_INPUT_LENGTH)
    .split("\n")
    .filter((line) => FRAME.test(line))
    .slice(0, TOP_FRAMES)
    .map(normaliseFrame);

/** The fields of an error that the key is computed from. */
export interface GroupableError {
  readonly body: string;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly stacktrace?: string | undefined;
}

/**
 * Returns a UUID computed from the type and the top stack frames. Without frames it uses the message, or the body, instead:
 * a message can contain user input, which would split one error into many groups.
 */
export const toGroupingKey = ({ body, type = "", message, stacktrace = "" }: GroupableError): string => {
  const frames = topFrames(stacktrace);
  const lines = frames.length > 0 ? frames : [normaliseMessage(message ?? body)];
  return uuidFromText([type, ...lines].join("\n"), NAMESPACE);
};
