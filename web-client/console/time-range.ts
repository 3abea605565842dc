/**
 * The time range as a choice of usual ones, and a chosen one where it came from the address or the histogram.
 */
import { h } from "../shared/dom.ts";
import { visibleText } from "../shared/visible-text.ts";
import type { Query } from "./query.ts";

type Range = Pick<Query, "from" | "to">;

const PRESETS: readonly (readonly [from: string, label: string])[] = [
  ["", "All time"],
  ["now-15m", "Last 15 minutes"],
  ["now-1h", "Last hour"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
  ["now-30d", "Last 30 days"],
];

/** Value of the option that stands for a range which is no preset; presets never have it. */
const CHOSEN = "chosen";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium", hourCycle: "h23" });

const toMoment = (text: string): string => {
  const time = new Date(/^\d+$/.test(text) ? Number(text) : text);
  return Number.isNaN(time.getTime()) ? visibleText(text, 30) : format.format(time);
};

const describe = ({ from, to }: Range): string => {
  if (from === "") return `Until ${toMoment(to)}`;
  return to === "" ? `Since ${toMoment(from)}` : `${toMoment(from)} – ${toMoment(to)}`;
};

/** Fills `select`; the returned function shows a range in it. */
export const createTimeRange = (
  select: HTMLSelectElement,
  onChange: (range: Range) => void,
): ((range: Range) => void) => {
  const chosen = h("option", { attributes: { value: CHOSEN } });
  select.append(...PRESETS.map(([from, label]) => h("option", { attributes: { value: from } }, label)));
  select.addEventListener("change", () => {
    if (select.value !== CHOSEN) onChange({ from: select.value, to: "" });
  });
  return (range) => {
    chosen.remove();
    if (range.to === "" && PRESETS.some(([from]) => from === range.from)) {
      select.value = range.from;
      return;
    }
    chosen.textContent = describe(range);
    select.append(chosen);
    select.value = CHOSEN;
  };
};
