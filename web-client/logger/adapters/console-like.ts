import { format, lineOf } from "../captures/console-text.ts";
import { isError } from "../event/readable.ts";
import type { Logger, LogMethod } from "../logger.ts";

/** The methods of `console` that log. */
export type ConsoleLike = Pick<Console, "debug" | "error" | "info" | "log" | "trace" | "warn">;

const isDetail = (value: unknown): value is object => typeof value === "object" && value !== null;

/**
 * Returns an object with the log methods of `console`, for code that logs to a console it is given. The last argument, if
 * it is an object, becomes the attributes; `log` becomes `info`.
 *
 * @example
 * toConsole(log).warn("Slow", { "duration.ms": 812 });
 */
export const toConsole = (logger: Logger): ConsoleLike => {
  const line =
    (log: LogMethod) =>
    (...values: unknown[]): void => {
      const [first, detail] = values;
      if (isError(first) && values.length < 3) {
        log(first, isDetail(detail) ? (detail as Record<string, unknown>) : undefined);
        return;
      }
      const [text, rest] = format(values);
      const last = rest.at(-1);
      if (text === undefined || !isDetail(last)) log(lineOf(values));
      else log(lineOf([text, ...rest.slice(0, -1)]), last as Record<string, unknown>);
    };
  return {
    debug: line(logger.debug),
    error: line(logger.error),
    info: line(logger.info),
    log: line(logger.info),
    trace: line(logger.trace),
    warn: line(logger.warn),
  };
};
