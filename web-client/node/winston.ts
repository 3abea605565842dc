/**
 * A transport for winston.
 */
import Transport from "winston-transport";
import type { Attributes } from "#contract/wire/attributes.ts";
import { DEFAULT_SEVERITY, type Severity } from "#contract/wire/severity.ts";
import { severityOfName } from "#contract/wire/severity-names.ts";
import { textOf } from "../logger/event/copy-event.ts";
import { isError } from "../logger/event/readable.ts";
import { read, stacktraceOf } from "../logger/event/stacktrace.ts";
import type { Logger } from "../logger/logger.ts";
import { createLogger, type NodeLoggerOptions } from "./create-logger.ts";
import { toEventTime, withEventFields } from "./event-fields.ts";

/** Levels of winston's sets npm and cli that other loggers do not have, or use for another severity. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ["help", "info"],
  ["data", "info"],
  ["prompt", "info"],
  ["http", "debug"],
  ["verbose", "debug"],
  ["input", "trace"],
]);

/** Unknown names become `info`. */
const toSeverity = (level: string): Severity => SEVERITIES.get(level) ?? severityOfName(level) ?? DEFAULT_SEVERITY;

/** winston's own properties: the level, and the arguments of the log call after the message. */
const LEVEL = Symbol.for("level");
const SPLAT = Symbol.for("splat");
/** A stack trace of V8 starts with the type of the error, in Node.js also with its code: `TypeError [ERR_INVALID_URL]: …`. */
const ERROR_TYPE = /^([\w$.]+)(?: \[\w+\])?(?::|\n|$)/;

/** The attributes of an error that winston or one of its formats has copied into the record. */
const toException = ({ message, stack, cause, error }: Attributes, logged: readonly unknown[]): Attributes => {
  if (typeof stack !== "string") return cause === undefined ? {} : { cause };
  // The text of the log is not only the message of an error that follows a text or that was not caught.
  const source = [error, ...logged].find((value) => isError(value) && read(value, "stack") === stack);
  return {
    "exception.type": ERROR_TYPE.exec(stack)?.[1] ?? "Error",
    "exception.message": source === undefined ? message : read(source, "message"),
    "exception.stacktrace":
      cause === undefined ? stack : `${stack}\nCaused by: ${stacktraceOf(cause as Error, textOf)}`,
  };
};

/** Options of {@link EdgelogTransport}: those of `createLogger`, or a logger, and those of every transport. */
export type EdgelogTransportOptions = (NodeLoggerOptions | { readonly logger: Logger }) &
  Transport.TransportStreamOptions;

/**
 * The transport. `message` becomes the text and all other fields attributes. An error, also one that `format.errors({ stack: true })` has
 * converted, becomes `exception.*`.
 *
 * @example
 * const log = winston.createLogger({
 *   transports: [new EdgelogTransport({ app: "shop", key: "elk_…", endpoint: "https://logs.example.com", outbox: "/var/lib/shop/edgelog" })],
 * });
 */
export class EdgelogTransport extends Transport {
  readonly #logger: Logger;

  constructor(options: EdgelogTransportOptions) {
    super(options);
    this.#logger = "logger" in options ? options.logger : createLogger(options);
  }

  override log(info: Attributes, next: () => void): void {
    const { level, message, timestamp, stack: _stack, cause: _cause, ...rest } = info;
    const { [LEVEL]: ownLevel, [SPLAT]: splat } = info as Readonly<Record<symbol, unknown>>;
    const logged: readonly unknown[] = Array.isArray(splat) ? splat : [];
    // `level` may be coloured.
    const name = String(ownLevel ?? level);
    const severity = toSeverity(name);
    // winston's level replaces one that was logged.
    const otherLevel = (logged[0] && read(logged[0], "level")) ?? (name.toLowerCase() === severity ? undefined : name);
    const time = toEventTime(timestamp);
    const attributes = {
      ...(otherLevel === undefined ? {} : { level: otherLevel }),
      ...(time === undefined && timestamp !== undefined ? { timestamp } : {}),
      ...rest,
      ...toException(info, logged),
    };
    this.#logger[severity](message, withEventFields(attributes, time));
    this.emit("logged", info);
    next();
  }

  /** Called by `end()` of winston's logger: waits up to 5 seconds for receipts. */
  override _final(done: (error?: Error | null) => void): void {
    this.#logger.close().then(() => done(), done);
  }
}
