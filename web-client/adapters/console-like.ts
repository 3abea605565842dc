/**
 * A logger with the methods of `console`, for code that was given a console.
 */
import type { Logger, LogMethod } from "../src/logger.ts";

/** The part of `console` that logs. */
export type ConsoleLike = Pick<Console, "debug" | "error" | "info" | "log" | "trace" | "warn">;

const isDetail = (value: unknown): value is object => typeof value === "object" && value !== null;

/** `toConsole(logger).warn("Slow", { "duration.ms": 812 })`: the last object becomes the attributes. */
export const toConsole = (logger: Logger): ConsoleLike => {
  const line =
    (log: LogMethod) =>
    (...values: unknown[]): void => {
      const last = values.at(-1);
      const detail = values.length > 1 && isDetail(last) ? last : undefined;
      const said = detail === undefined ? values : values.slice(0, -1);
      const [first] = said;
      if (said.length === 1 && first instanceof Error) log(first, detail as Record<string, unknown>);
      else log(said.map(String).join(" "), detail as Record<string, unknown>);
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
