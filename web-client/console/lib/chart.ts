/** Shared by the charts: theme colours for a canvas, axes and their labels. */
import { useEffect, useState } from "preact/hooks";
import type uPlot from "uplot";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { formatDay, timeFormats } from "./format-time.ts";

export type Colours = Readonly<Record<string, string>>;

const readColours = (names: readonly string[]): Colours => {
  // A custom property returns `light-dark(…)` unresolved; `color` returns the value for the current theme.
  const probe = document.createElement("span");
  // High-contrast themes replace the colours of elements. The severities would look the same.
  probe.style.forcedColorAdjust = "none";
  document.body.append(probe);
  const colours = Object.fromEntries(
    names.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return colours;
};

/** Resolves colour tokens of style.css and updates when the theme changes. Pass the same `names` array every time. */
export const useColours = (names: readonly string[]): Colours => {
  const [colours, setColours] = useState(() => readColours(names));
  useEffect(() => {
    const theme = matchMedia("(prefers-color-scheme: dark)");
    const onChange = (): void => setColours(readColours(names));
    theme.addEventListener("change", onChange);
    return () => theme.removeEventListener("change", onChange);
  }, [names]);
  return colours;
};

/**
 * Labels of a time axis in milliseconds. The date is added below the time where it changes. Fractions of a second have no
 * label: it would repeat that of the second.
 */
export const toTimeLabels = (splits: readonly number[], stepMs: number): string[] => {
  const { clock, minute } = timeFormats.value;
  let previousDate = "";
  return splits.map((ms) => {
    if (ms % SECOND_MS !== 0) return "";
    const date = formatDay(ms);
    if (stepMs >= DAY_MS) return date;
    const time = (stepMs < MINUTE_MS ? clock : minute).format(ms);
    const label = date === previousDate ? time : `${time}\n${date}`;
    previousDate = date;
    return label;
  });
};

/** Tick intervals for counts: 1, 2, 5, 10, 20, … */
export const COUNT_STEPS: number[] = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** Adds the theme's colours to an axis. */
export const toAxis = (colours: Colours, axis: uPlot.Axis): uPlot.Axis => ({
  stroke: colours["muted"] ?? "",
  font: "11px system-ui, sans-serif",
  ticks: { show: false },
  grid: { stroke: colours["line"] ?? "", width: 1 },
  ...axis,
});
