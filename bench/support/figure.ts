/** The measurements of a row of the benchmark, and the marks that they are compared with. */

/** The value to reach. */
export type Mark = { readonly atLeast: number } | { readonly atMost: number };

/** One measured quantity. */
export interface Figure {
  /** Unique in its row. */
  readonly name: string;
  readonly unit: string;
  /** The median of all measurements. */
  readonly value: number;
  /** The smallest and the largest measurement, if there are several. */
  readonly spread?: readonly [min: number, max: number];
  /** Absent: the figure is only reported. */
  readonly mark?: Mark;
  /** How to read the figure, if its name does not say it. */
  readonly note?: string;
}

/** One subject, for instance the drain of a backlog. */
export interface RowResult {
  readonly row: string;
  readonly figures: readonly Figure[];
  /** Why the row, or a part of it, was not measured. */
  readonly skipped?: readonly string[];
}

const SIGNIFICANT_DIGITS = 4;

const round = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

type FigureOptions = Omit<Figure, "value" | "spread">;

/** The median and the spread of measurements. */
export const toFigure = (measurements: readonly number[], options: FigureOptions): Figure => {
  const sorted = measurements.toSorted((a, b) => a - b);
  const first = sorted[0] ?? Number.NaN;
  const last = sorted.at(-1) ?? Number.NaN;
  const middle = sorted.length / 2;
  const value = ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
  const spread = sorted.length > 1 ? { spread: [round(first), round(last)] as const } : {};
  return { ...options, value: round(value), ...spread };
};

/** `undefined` without a mark. */
export const isMet = ({ value, mark }: Figure): boolean | undefined => {
  if (mark === undefined) return undefined;
  return "atLeast" in mark ? value >= mark.atLeast : value <= mark.atMost;
};
