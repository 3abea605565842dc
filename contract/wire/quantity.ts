/** Quantities as text, for the console and for commands. */

/** `1 log`, `2 logs`, `1,200 logs`. */
export const pluralize = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const DECIMAL_BYTES = ["B", "kB", "MB", "GB", "TB"] as const;

const decimalFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A size with a decimal unit, as quotas are set: `4.2 GB`. */
export const formatByteCount = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), DECIMAL_BYTES.length - 1);
  return `${decimalFormat.format(bytes / 1_000 ** power)} ${DECIMAL_BYTES[power]}`;
};
