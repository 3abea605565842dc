/**
 * The names that loggers use for severities. The numbers of OpenTelemetry's log data model, appendix B, decide where a name
 * belongs; there is no severity between `info` and `warn`, so `NOTICE` is `info`.
 */
import type { Severity } from "#contract/wire/severity.ts";

const NAMES: Readonly<Record<Severity, readonly string[]>> = {
  trace: ["trace", "verbose", "finest", "finer", "silly"],
  debug: ["debug", "fine", "dbg"],
  info: ["info", "information", "informational", "notice", "log", "config", "http"],
  warn: ["warn", "warning"],
  error: ["error", "err", "severe"],
  fatal: ["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic"],
};

const SEVERITY_OF_NAME: ReadonlyMap<string, Severity> = new Map(
  Object.entries(NAMES).flatMap(([severity, names]) => names.map((name) => [name, severity as Severity] as const)),
);

/** The severity with this name, in any case. `undefined` for an unknown name. */
export const severityOfName = (name: unknown): Severity | undefined =>
  typeof name === "string" ? SEVERITY_OF_NAME.get(name.trim().toLowerCase()) : undefined;

/** RFC 5424, 6.2.1, from 0 (emergency) to 7 (debug). */
const SYSLOG_LEVELS = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"] as const;

/** The severity of a syslog level. `undefined` for any other number. */
export const syslogSeverity = (level: number): Severity | undefined => SYSLOG_LEVELS[level];
