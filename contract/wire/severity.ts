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

/** The last number of the ranges. */
const MAX_SEVERITY_NUMBER = 24;

/** The severity whose range contains this number. `undefined` for a number outside of the ranges, such as 0, which means unspecified. */
export const severityOfNumber = (number: unknown): Severity | undefined =>
  typeof number === "number" && number >= SEVERITY_NUMBERS.trace && number <= MAX_SEVERITY_NUMBER
    ? SEVERITIES.findLast((severity) => SEVERITY_NUMBERS[severity] <= number)
    : undefined;

/** The severity of an event without `severity`. */
export const DEFAULT_SEVERITY: Severity = "info";
