/**
 * The names that loggers use for severities. The numbers of OpenTelemetry's log data model, appendix B, decide where a name
 * belongs; there is no severity between `info` and `warn`, so `NOTICE` is `info`. Rust's slog and
 * Go's log15 write names of four letters.
 */
import { SEVERITY_NUMBERS, severityOfNumber, type Severity } from "#contract/wire/severity.ts";

const NAMES: Readonly<Record<Severity, readonly string[]>> = {
  trace: ["trace", "trce", "verbose", "finest", "finer", "silly"],
  debug: ["debug", "debg", "dbug", "fine", "dbg"],
  info: ["info", "information", "informational", "notice", "log", "config", "http"],
  warn: ["warn", "warning"],
  error: ["error", "erro", "eror", "err", "severe"],
  fatal: ["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic"],
};

const SEVERITY_OF_NAME: ReadonlyMap<string, Severity> = new Map(
  Object.entries(NAMES).flatMap(([severity, names]) => names.map((name) => [name, severity as Severity] as const)),
);

/** A name of slog with an offset: `ERROR+4`. */
const WITH_OFFSET = /^([a-z]{1,16})([+-]\d{1,3})$/;

/** Levels of slog have the same distances as the numbers of OpenTelemetry. A level outside of their ranges is the first or the last one. */
const severityWithOffset = (name: string): Severity | undefined => {
  const [, base = "", offset = "0"] = WITH_OFFSET.exec(name) ?? [];
  const severity = SEVERITY_OF_NAME.get(base);
  if (severity === undefined) return undefined;
  const number = SEVERITY_NUMBERS[severity] + Number(offset);
  return severityOfNumber(Math.min(Math.max(number, SEVERITY_NUMBERS.trace), SEVERITY_NUMBERS.fatal));
};

/** The severity with this name, in any case. `undefined` for an unknown name. */
export const severityOfName = (name: unknown): Severity | undefined => {
  if (typeof name !== "string") return undefined;
  const lower = name.trim().toLowerCase();
  return SEVERITY_OF_NAME.get(lower) ?? severityWithOffset(lower);
};

/** RFC 5424, 6.2.1, from 0 (emergency) to 7 (debug). */
const SYSLOG_LEVELS = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"] as const;

/** The severity of a syslog level. `undefined` for any other number. */
export const syslogSeverity = (level: number): Severity | undefined => SYSLOG_LEVELS[level];

/** Levels of pino and bunyan: the lowest number of each severity, in descending order. */
const PINO_LEVELS = [
  [60, "fatal"],
  [50, "error"],
  [40, "warn"],
  [30, "info"],
  [20, "debug"],
  [0, "trace"],
] as const satisfies readonly (readonly [number, Severity])[];

/** The severity of a level of pino or bunyan. `undefined` for a negative number. */
export const pinoSeverity = (level: number): Severity | undefined =>
  PINO_LEVELS.find(([lowest]) => level >= lowest)?.[1];
