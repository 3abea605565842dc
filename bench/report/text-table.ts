/** The result of a run as text for a terminal. */
import type { BenchResult } from "./results.ts";
import { COLUMNS, toCells } from "./format.ts";

const toLine = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join("  ")
    .trimEnd();

export const toTextTable = ({ machine, rounds, events, rows }: BenchResult): string => {
  const lines = rows.flatMap(({ figures }) => figures.map(toCells));
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i]?.length ?? 0)));
  const parts = rows.map(({ row, figures, skipped = [] }) =>
    [
      row,
      ...figures.map((figure) => `  ${toLine(toCells(figure), widths)}`),
      ...skipped.map((reason) => `  not measured: ${reason}`),
    ].join("\n"),
  );
  const { cores, cpu, memoryGb, commit, loadAtStart } = machine;
  return [
    `${cores} cores of ${cpu}, ${memoryGb} GB, load ${loadAtStart} at the start, commit ${commit}`,
    `${events} events, ${rounds} rounds`,
    `  ${toLine(COLUMNS, widths)}`,
    ...parts,
  ].join("\n");
};
