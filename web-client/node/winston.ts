/**
 * A transport for winston.
 */
import Transport from "winston-transport";
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { Logger } from "../logger/logger.ts";
import { createLogger, type NodeLoggerOptions } from "./create-logger.ts";
import { withEventFields } from "./event-fields.ts";

/** Severities of winston's three sets of levels: npm, syslog and cli. Other levels become `info`. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  emerg: "fatal",
  alert: "fatal",
  crit: "fatal",
  fatal: "fatal",
  error: "error",
  warning: "warn",
  warn: "warn",
  notice: "info",
  info: "info",
  help: "info",
  data: "info",
  prompt: "info",
  http: "debug",
  verbose: "debug",
  debug: "debug",
  input: "trace",
  silly: "trace",
  trace: "trace",
};

/** winston's own property for the level. */
const LEVEL = Symbol.for("level");
/** A stack trace of V8 starts with the type of the error. */
const ERROR_TYPE = /^([\w$.]+)(?::|\n|$)/;

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
    const { level, message, timestamp, stack, ...rest } = info;
    // The level of the record; `level` may be coloured.
    const severity = SEVERITIES[String(info[LEVEL as unknown as string] ?? level)] ?? "info";
    const exception =
      typeof stack === "string"
        ? {
            "exception.type": ERROR_TYPE.exec(stack)?.[1] ?? "Error",
            "exception.message": message,
            "exception.stacktrace": stack,
          }
        : {};
    const attributes = { ...rest, ...exception };
    this.#logger[severity](message, withEventFields(attributes, timestamp));
    this.emit("logged", info);
    next();
  }

  /** Called by `end()` of winston's logger: waits up to 5 seconds for receipts. */
  override _final(done: (error?: Error | null) => void): void {
    this.#logger.close().then(() => done(), done);
  }
}
