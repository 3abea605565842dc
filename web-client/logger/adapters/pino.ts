import type { Severity } from "#contract/wire/severity.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { Attributes } from "#contract/wire/attributes.ts";
import { lineOf } from "../captures/console-text.ts";
import { copyEvent, textOf } from "../event/copy-event.ts";
import { isError } from "../event/readable.ts";
import { read } from "../event/stacktrace.ts";
import type { Logger } from "../logger.ts";

/** The fields of pino's log event that are used. */
interface PinoLogEvent {
  readonly messages: readonly unknown[];
  readonly bindings: readonly object[];
}

/** The option `browser.transmit` of pino. */
export interface PinoTransmit {
  readonly send: (level: string, event: PinoLogEvent) => void;
}

const isSeverity = (level: string): level is Severity => SEVERITIES.some((severity) => severity === level);

/** An Error as pino serialises it. */
interface SerializedError {
  readonly type: string;
  readonly msg: string;
  readonly stack: string;
}

const isSerializedError = (value: unknown): value is SerializedError =>
  ["type", "msg", "stack"].every((name) => typeof read(value, name) === "string");

const toException = (value: unknown): Attributes | undefined => {
  if (isError(value)) return { error: value };
  if (!isSerializedError(value)) return undefined;
  const { type, msg, stack, ...rest } = value;
  return { ...rest, "exception.type": type, "exception.message": msg, "exception.stacktrace": stack };
};

/**
 * Returns the option `browser.transmit` of pino. Bindings and merged objects become attributes; custom levels become `info`.
 *
 * @example
 * const logger = pino({ browser: { transmit: toPinoTransmit(log) } });
 */
export const toPinoTransmit = (logger: Logger): PinoTransmit => ({
  send(level, { messages, bindings }) {
    const [first, ...rest] = messages;
    const isObject = typeof first === "object" && first !== null;
    const exception = toException(first);
    const source = exception ?? (isObject ? first : {});
    const err = [source, ...bindings.toReversed()].map((each) => read(each, "err")).find((each) => each !== undefined);
    // Reads each property once, and cannot throw.
    const { err: _err, ...attributes } = copyEvent({}, ...bindings, source).attributes;
    const text = lineOf(isObject ? rest : messages);
    const described = exception ? first : err;
    const message = isObject ? (read(described, "message") ?? read(described, "msg")) : undefined;
    logger[isSeverity(level) ? level : "info"](text || textOf(message ?? ""), {
      ...attributes,
      ...(toException(err) ?? (err === undefined ? {} : { err })),
    });
  },
});
