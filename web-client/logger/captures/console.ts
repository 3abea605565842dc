/**
 * Logs what the page writes to the console, which shows it as before. The place in the source that the console names is
 * then this file; leave the levels out whose places you need.
 */
import type { Severity } from "#contract/wire/severity.ts";
import { createGate } from "./flood-limit.ts";
import type { Logger } from "../logger.ts";
import { lineOf } from "./console-text.ts";
import { createGuard } from "./guard.ts";

type Level = "debug" | "log" | "info" | "warn" | "error";

const SEVERITY: Readonly<Record<Level, Severity>> = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
};

/** Returns what ends it. */
export const captureConsole = (logger: Logger, levels: readonly Level[] = ["warn", "error"]): (() => void) => {
  const guard = createGuard();
  const isAllowed = createGate(logger, "lines of the console");
  const ends = levels.map((level) => {
    const original = console[level];
    const wrapped = (...values: unknown[]): void => {
      original.apply(console, values);
      guard(() => {
        const body = lineOf(values);
        if (!isAllowed(level + body)) return;
        const error = values.find((value) => value instanceof Error);
        logger[SEVERITY[level]](body, error ? { error, "log.logger": "console" } : { "log.logger": "console" });
      });
    };
    console[level] = wrapped;
    return () => {
      // Somebody who has wrapped it since keeps their own.
      if (console[level] === wrapped) console[level] = original;
    };
  });
  return () => {
    for (const end of ends) end();
  };
};
