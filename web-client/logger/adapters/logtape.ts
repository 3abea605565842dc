/**
 * A LogTape sink: `configure({ sinks: { edgelog: toLogTapeSink(logger) }, … })`.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { Logger } from "../logger.ts";

/** LogTape's LogRecord, as far as it is read here. */
interface LogTapeRecord {
  readonly category: readonly string[];
  readonly level: "trace" | "debug" | "info" | "warning" | "error" | "fatal";
  readonly message: readonly unknown[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The category becomes `log.logger`. */
export const toLogTapeSink =
  (logger: Logger) =>
  ({ category, level, message, properties }: LogTapeRecord): void => {
    const severity: Severity = level === "warning" ? "warn" : level;
    logger[severity](message.map(String).join(""), { "log.logger": category.join("."), ...properties });
  };
