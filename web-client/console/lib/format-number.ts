/** Formats numbers, quantities and durations for display. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";

const percentFormat = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const decimalFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** Formats `part` of `whole` in percent. A share above zero is never shown as 0 %. */
export const formatPercent = (part: number, whole: number): string => {
  if (whole === 0 || part === 0) return "0%";
  const share = part / whole;
  if (share < 0.001) return "<0.1%";
  return share > 0.999 && share < 1 ? ">99.9%" : percentFormat.format(share);
};

const valueFormat = new Intl.NumberFormat("en", {
  maximumFractionDigits: 1,
  maximumSignificantDigits: 4,
  roundingPriority: "morePrecision",
});

/** A value of unknown size: `12,345.7`, `0.0412`. */
export const formatValue = (value: number): string => valueFormat.format(value);

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [DAY_MS, "d"],
  [HOUR_MS, "h"],
  [MINUTE_MS, "min"],
  [SECOND_MS, "s"],
];

/** Milliseconds as `1.2 s` or `3.5 min`; may be negative. */
export const formatDuration = (ms: number): string => {
  const [size, unit] = UNITS.find(([size]) => Math.abs(ms) >= size) ?? [1, "ms"];
  return `${decimalFormat.format(ms / size)} ${unit}`;
};

const BYTES = ["B", "KiB", "MiB"] as const;

/** `3.4 KiB`. */
export const formatBinaryBytes = (bytes: number): string => {
  const power = bytes < 1_024 ? 0 : bytes < 1_048_576 ? 1 : 2;
  return `${decimalFormat.format(bytes / 1_024 ** power)} ${BYTES[power]}`;
};

const compactFormat = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const countFormat = new Intl.NumberFormat("en");

/** `12.3K`. */
export const formatCompactCount = (count: number): string => compactFormat.format(count);

/** `12,345`. */
export const formatCount = (count: number): string => countFormat.format(count);
