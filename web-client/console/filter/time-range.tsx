import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { visibleText } from "../../shared/visible-text.ts";
import { filter, navigate } from "../address.ts";
import { timeFormats, timeZone } from "../lib/format-time.ts";
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

/** Value of the option that stands for a range which is no preset; presets never have it. */
const CHOSEN = "chosen";

/** `NaN` for what is said from now on, which moves, and for what is no moment. */
const toFixedMs = (text: string): number => (text.startsWith("now") ? Number.NaN : toEpochMs(text));

/** No year that is the present one, no seconds that are none, no day that is that of `beforeMs`. */
const toMoment = (text: string, beforeMs = Number.NaN): string => {
  const ms = toFixedMs(text);
  if (Number.isNaN(ms)) return visibleText(text, 30);
  const { day, year, clock } = timeFormats.value;
  const toDate = (at: number): string =>
    [day.format(at), ...(year.format(at) === year.format(Date.now()) ? [] : [year.format(at)])].join(" ");
  const time = clock.format(ms).replace(/:00$/, "");
  return !Number.isNaN(beforeMs) && toDate(beforeMs) === toDate(ms) ? time : `${toDate(ms)}, ${time}`;
};

const describe = (from: string, to: string): string => {
  if (from === "") return `Until ${toMoment(to)}`;
  return to === "" ? `Since ${toMoment(from)}` : `${toMoment(from)} – ${toMoment(to, toFixedMs(from))}`;
};

const inZone = (text: string): string => (timeZone.value === "utc" ? `${text} (UTC)` : text);

/** Value of the option that asks for a range. */
const ASK = "ask";

/** The time range: usual ones, and a chosen one where it came from the address or the histogram. */
export const TimeRange = (): JSX.Element => {
  const { from, to } = filter.value;
  const [isAsking, setAsking] = useState(false);
  const isPreset = to === "" && PRESETS.some(([preset]) => preset === from);
  const present = isPreset ? from : CHOSEN;
  return (
    <>
      <label class="pick time-pick">
        <span>Time</span>
        <select
          class="field"
          value={present}
          onChange={({ currentTarget }) => {
            const { value } = currentTarget;
            if (value === ASK) {
              currentTarget.value = present;
              setAsking(true);
            } else if (value !== CHOSEN) navigate({ filter: { from: value, to: "" } });
          }}
        >
          {PRESETS.map(([preset, label]) => (
            <option key={preset} value={preset}>
              {label}
            </option>
          ))}
          {!isPreset && <option value={CHOSEN}>{inZone(describe(from, to))}</option>}
          <option value={ASK}>Choose…</option>
        </select>
      </label>
      {isAsking && <RangeDialog onClose={() => setAsking(false)} />}
    </>
  );
};
