/**
 * The six severities and their OpenTelemetry severity numbers.
 * Source: OpenTelemetry log data model, field SeverityNumber (the lowest number of each range).
 */
export const SEVERITY_NUMBERS = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
} as const;

/** A severity, as sent in `severity` and stored in `severity.text`. */
export type Severity = keyof typeof SEVERITY_NUMBERS;

/** All severities in ascending order. */
export const SEVERITIES = ["trace", "debug", "info", "warn", "error", "fatal"] as const satisfies readonly Severity[];

/** The severity of an event without `severity`. */
export const DEFAULT_SEVERITY: Severity = "info";
