/**
 * pino's browser `transmit`: `pino({ browser: { transmit: toPinoTransmit(logger) } })`.
 */
import type { Severity } from "#contract/wire/severity.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import { lineOf } from "../captures/console-text.ts";
import type { Logger } from "../logger.ts";

/** What pino gives to `transmit.send`. */
interface PinoLogEvent {
  readonly messages: readonly unknown[];
  readonly bindings: readonly object[];
}

/** pino's `transmit`. */
export interface PinoTransmit {
  readonly send: (level: string, event: PinoLogEvent) => void;
}

const isSeverity = (level: string): level is Severity => SEVERITIES.some((severity) => severity === level);

/** What pino makes of an error before it gives it away. */
interface SerializedError {
  readonly type: string;
  readonly msg: string;
  readonly stack: string;
}

const isSerializedError = (value: unknown): value is SerializedError => {
  const { type, msg, stack } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof type === "string" && typeof msg === "string" && typeof stack === "string";
};

const toException = (value: unknown): Attributes | undefined => {
  if (value instanceof Error) return { error: value };
  if (!isSerializedError(value)) return undefined;
  const { type, msg, stack, ...rest } = value;
  return { ...rest, "exception.type": type, "exception.message": msg, "exception.stacktrace": stack };
};

/** Levels of a page's own become `info`. */
export const toPinoTransmit = (logger: Logger): PinoTransmit => ({
  send(level, { messages, bindings }) {
    const [first, ...rest] = messages;
    const isObject = typeof first === "object" && first !== null;
    const exception = toException(first);
    const { err, ...attributes } = Object.assign({}, ...bindings, exception ?? (isObject ? first : {})) as Attributes;
    const nested = toException(err);
    const said = lineOf(isObject ? rest : messages);
    const { msg, message = msg } = (isObject ? (exception ? first : (err ?? {})) : {}) as Attributes;
    logger[isSeverity(level) ? level : "info"](said || String(message ?? ""), {
      ...attributes,
      ...(nested ?? (err === undefined ? {} : { err })),
    });
  },
});
