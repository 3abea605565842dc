import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { visibleText } from "../../shared/visible-text.ts";
import { filter, navigate } from "../address.ts";
import { formatDay, timeFormats, timeZone } from "../lib/format-time.ts";
import { toEpochMs } from "../lib/to-epoch-ms.ts";
import { RangeDialog } from "./range-dialog.tsx";

const PRESETS: readonly (readonly [from: string, label: string])[] = [
  ["now-15m", "Last 15 minutes"],
  ["now-1h", "Last hour"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
  ["now-30d", "Last 30 days"],
  ["", "All time"],
];

/** Option value for a range that is not a preset. */
const CUSTOM = "custom";

/** Parses an absolute time; `NaN` for a relative or an invalid one. */
const parseAbsoluteMs = (text: string): number => (text.startsWith("now") ? Number.NaN : toEpochMs(text));

/** Formats a time as short as possible: without the current year, without zero seconds, without the day of `beforeMs`. */
const formatTime = (text: string, beforeMs = Number.NaN): string => {
  const ms = parseAbsoluteMs(text);
  if (Number.isNaN(ms)) return visibleText(text, 30);
  const time = timeFormats.value.clock.format(ms).replace(/:00$/, "");
  return !Number.isNaN(beforeMs) && formatDay(beforeMs) === formatDay(ms) ? time : `${formatDay(ms)}, ${time}`;
};

const formatRange = (from: string, to: string): string => {
  if (from === "") return `Until ${formatTime(to)}`;
  return to === "" ? `Since ${formatTime(from)}` : `${formatTime(from)} – ${formatTime(to, parseAbsoluteMs(from))}`;
};

const withZone = (text: string): string => (timeZone.value === "utc" ? `${text} (UTC)` : text);

/** Option value that opens the dialog. */
const OPEN_DIALOG = "dialog";

/** Selects the time range: a preset, or any range from the dialog, the URL or the chart. */
export const TimeRange = (): JSX.Element => {
  const { from, to } = filter.value;
  const [isDialogOpen, setDialogOpen] = useState(false);
  const isPreset = to === "" && PRESETS.some(([preset]) => preset === from);
  const selected = isPreset ? from : CUSTOM;
  return (
    <>
      <label class="pick time-pick">
        <span>Time</span>
        <select
          class="field"
          value={selected}
          onChange={({ currentTarget }) => {
            const { value } = currentTarget;
            if (value === OPEN_DIALOG) {
              currentTarget.value = selected;
              setDialogOpen(true);
            } else if (value !== CUSTOM) navigate({ filter: { from: value, to: "" } });
          }}
        >
          {PRESETS.map(([preset, label]) => (
            <option key={preset} value={preset}>
              {label}
            </option>
          ))}
          {!isPreset && <option value={CUSTOM}>{withZone(formatRange(from, to))}</option>}
          <option value={OPEN_DIALOG}>Custom range…</option>
        </select>
      </label>
      {isDialogOpen && <RangeDialog onClose={() => setDialogOpen(false)} />}
    </>
  );
};
