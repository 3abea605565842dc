/**
 * The fingerprint of an error: the same for errors that a person would call the same, whatever ids, numbers, build
 * hashes and line numbers are in them. Pure. ECS calls the field `error.grouping_key`.
 */
import { uuidOfText } from "./uuid-of-text.ts";

/** Enough to tell errors apart, few enough that a new caller further up makes no new group. */
const TOP_FRAMES = 5;

/** A trace is read so far; what comes behind does not decide. */
const READ_LENGTH = 4_096;

/** Any constant UUID: keys are in a namespace of their own. */
const NAMESPACE = "5b0c4f0e-7a0e-4d0c-9c54-0d6f1f0f8a11";

/** Frames as V8, Dart, Java and Python write them (a verb in front), and as Firefox and Safari do (`name@place`). */
const FRAME = /^\s*(?:at\s+|#\d+\s+|File\s+"|\S*@\S+:\d)/;

/** What differs between two occurrences of one message. */
export const normaliseMessage = (message: string): string =>
  message
    .slice(0, READ_LENGTH)
    .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<uuid>")
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]+/gi, "<url>")
    .replaceAll(/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g, "<email>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+(?:[.,:]\d+)*/g, "<n>")
    .replaceAll(/\s+/g, " ")
    .trim();

/** A frame without origin, build hash, query, line and column. */
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
    .slice(0, READ_LENGTH)
    .split("\n")
    .filter((line) => FRAME.test(line))
    .slice(0, TOP_FRAMES)
    .map(normaliseFrame);

export interface GroupedError {
  readonly body: string;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  readonly stacktrace?: string | undefined;
}

/** Frames where there are some: a message may quote what the user typed. Else the message. */
export const toGroupingKey = ({ body, type = "", message, stacktrace = "" }: GroupedError): string => {
  const frames = topFrames(stacktrace);
  const parts = frames.length > 0 ? frames : [normaliseMessage(message ?? body)];
  return uuidOfText([type, ...parts].join("\n"), NAMESPACE);
};
