import type { Severity } from "#contract/wire/severity.ts";
import { isError } from "../event/readable.ts";
import type { Logger } from "../logger.ts";
import { page } from "../platform.ts";
import { lineOf } from "./console-text.ts";
import { createFloodLimit } from "./flood-limit.ts";
import { createGuard } from "./guard.ts";

type Level = "debug" | "log" | "info" | "warn" | "error";

const SEVERITY: Readonly<Record<Level, Severity>> = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
};

/**
 * Logs what the page writes to the console at these levels, by default `warn` and `error`. The console still shows it, but
 * names this file as the source: omit levels for which you need the source location. Returns a function that ends the
 * capture.
 *
 * @example
 * captureConsole(log, ["warn", "error"]);
 */
export const captureConsole = (logger: Logger, levels: readonly Level[] = ["warn", "error"]): (() => void) => {
  const { console } = page;
  const guard = createGuard();
  const isAllowed = createFloodLimit(logger, "lines of the console");
  const ends = levels.map((level) => {
    const original = console[level];
    const wrapped = (...values: unknown[]): void => {
      original.apply(console, values);
      guard(() => {
        const body = lineOf(values);
        if (!isAllowed(level + body)) return;
        const error = values.find(isError);
        logger[SEVERITY[level]](body, error ? { error, "log.logger": "console" } : { "log.logger": "console" });
      });
    };
    console[level] = wrapped;
    return () => {
      // If another script has wrapped it since, its wrapper stays.
      if (console[level] === wrapped) console[level] = original;
    };
  });
  return () => {
    for (const end of ends) end();
  };
};
