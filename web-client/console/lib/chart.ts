/** What the charts share: the page's colours as a canvas takes them, and the labels of axes. */
import { useEffect, useState } from "preact/hooks";
import type uPlot from "uplot";
import { DAY_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { timeFormats } from "./format-time.ts";

export type Colours = Readonly<Record<string, string>>;

const readColours = (names: readonly string[]): Colours => {
  // A custom property holds `light-dark(…)` as it is written: only a real property says which of the two it is.
  const probe = document.createElement("span");
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

/** The named tokens of style.css as colours; others when the theme changes. `names` must stay the same array. */
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

/** Labels of a time axis in milliseconds; the day stands below the clock where it changes. */
export const toTimeLabels = (splits: readonly number[], stepMs: number): string[] => {
  const { clock, minute, day } = timeFormats.value;
  let dayBefore = "";
  return splits.map((ms) => {
    const date = day.format(ms);
    if (stepMs >= DAY_MS) return date;
    const time = (stepMs < MINUTE_MS ? clock : minute).format(ms);
    const label = date === dayBefore ? time : `${time}\n${date}`;
    dayBefore = date;
    return label;
  });
};

/** Steps of an axis of counts: whole numbers. */
export const COUNT_STEPS: number[] = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

/** An axis in the page's colours. */
export const toAxis = (colours: Colours, axis: uPlot.Axis): uPlot.Axis => ({
  stroke: colours["muted"] ?? "",
  font: "11px system-ui, sans-serif",
  ticks: { show: false },
  grid: { stroke: colours["line"] ?? "", width: 1 },
  ...axis,
});
