import type { Severity } from "#contract/wire/severity.ts";
import { textOf } from "../event/copy-event.ts";
import type { Logger } from "../logger.ts";

/** The fields of LogTape's LogRecord that are used. */
interface LogTapeRecord {
  readonly category: readonly string[];
  readonly level: "trace" | "debug" | "info" | "warning" | "error" | "fatal";
  readonly message: readonly unknown[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Returns a LogTape sink. The category becomes the attribute `log.logger`, the properties become attributes.
 *
 * @example
 * await configure({
 *   sinks: { edgelog: toLogTapeSink(log) },
 *   loggers: [{ category: "shop", sinks: ["edgelog"], lowestLevel: "info" }],
 * });
 */
export const toLogTapeSink =
  (logger: Logger) =>
  ({ category, level, message, properties }: LogTapeRecord): void => {
    const severity: Severity = level === "warning" ? "warn" : level;
    logger[severity](message.map(textOf).join(""), { "log.logger": category.join("."), ...properties });
  };
