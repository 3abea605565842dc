/** Formats figures for people. */
import { isMet, type Figure, type Mark } from "../support/figure.ts";

export const formatNumber = (value: number): string =>
  Number.isFinite(value) ? value.toLocaleString("en-US", { maximumSignificantDigits: 4 }) : String(value);

export const formatMark = (mark: Mark | undefined): string => {
  if (mark === undefined) return "";
  return "atLeast" in mark ? `≥ ${formatNumber(mark.atLeast)}` : `≤ ${formatNumber(mark.atMost)}`;
};

export const formatSpread = ({ spread }: Figure): string =>
  spread === undefined ? "" : `${formatNumber(spread[0])} to ${formatNumber(spread[1])}`;

export const formatVerdict = (figure: Figure): string => {
  const met = isMet(figure);
  if (met === undefined) return "";
  return met ? "met" : "missed";
};

/** The cells of a figure, in the order of {@link COLUMNS}. */
export const toCells = (figure: Figure): readonly string[] => [
  figure.name,
  `${formatNumber(figure.value)} ${figure.unit === "ratio" ? "" : figure.unit}`.trim(),
  formatSpread(figure),
  formatMark(figure.mark),
  formatVerdict(figure),
];

export const COLUMNS = ["figure", "median", "spread", "mark", "result"] as const;
