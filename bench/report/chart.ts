/** A bar chart as SVG: each figure with a mark, as a part of its mark. */
import { isMet, type Figure } from "../support/figure.ts";
import { formatMark, formatNumber } from "./format.ts";

const WIDTH = 940;
const ROW_HEIGHT = 26;
const TOP = 34;
const LABEL_WIDTH = 480;
const BAR_WIDTH = 250;
/** The mark is at this part of the width of a bar. */
const MARK_AT = 0.6;
const MET = "#2e7d32";
const MISSED = "#c62828";

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** How much of the mark is reached: 1 or more if it is met. */
const toScore = ({ value, mark }: Figure): number => {
  if (mark === undefined || !Number.isFinite(value)) return 0;
  if ("atLeast" in mark) return Math.max(0, value) / mark.atLeast;
  // Zero is the best value, for example of lost events.
  return value <= 0 ? Number.POSITIVE_INFINITY : mark.atMost / value;
};

export interface ChartBar {
  readonly label: string;
  readonly figure: Figure;
}

export const toChart = (bars: readonly ChartBar[]): string => {
  const height = TOP + bars.length * ROW_HEIGHT + 10;
  const markX = LABEL_WIDTH + BAR_WIDTH * MARK_AT;
  const rows = bars.map(({ label, figure }, i) => {
    const y = TOP + i * ROW_HEIGHT;
    const width = Math.min(BAR_WIDTH, Math.max(1, toScore(figure) * BAR_WIDTH * MARK_AT));
    const unit = figure.unit === "ratio" ? "" : ` ${figure.unit}`;
    const text = `${formatNumber(figure.value)}${unit} (${formatMark(figure.mark)})`;
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${y + 16}" text-anchor="end">${escape(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y + 4}" width="${width.toFixed(0)}" height="16" fill="${isMet(figure) === true ? MET : MISSED}"/>`,
      `<text x="${LABEL_WIDTH + BAR_WIDTH + 8}" y="${y + 16}">${escape(text)}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>Figures of npm run bench and their marks</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...rows,
    `<line x1="${markX}" x2="${markX}" y1="${TOP - 6}" y2="${height - 8}" stroke="#333" stroke-dasharray="4 3"/>`,
    `<text x="${markX}" y="${TOP - 12}" text-anchor="middle">mark</text>`,
    `</svg>`,
    "",
  ].join("\n");
};
