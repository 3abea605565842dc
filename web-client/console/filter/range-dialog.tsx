import type { JSX } from "preact";
import { filter, navigate } from "../address.ts";
import { Dialog } from "../components/dialog.tsx";
import { timeZone } from "../lib/format-time.ts";
import { toEpochMs } from "../lib/to-epoch-ms.ts";

/** Formats a time for `<input type="datetime-local">`, in the selected time zone; "" for `NaN`. */
const toInputValue = (ms: number): string => {
  if (Number.isNaN(ms)) return "";
  const offsetMs = timeZone.value === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 19);
};

/** Parses the input's value to milliseconds since 1970; "" if it is empty. */
const parseInputValue = (text: FormDataEntryValue | null): string => {
  if (typeof text !== "string" || text === "") return "";
  const ms = Date.parse(timeZone.value === "utc" ? `${text}Z` : text);
  return Number.isNaN(ms) ? "" : String(ms);
};

/**
 * The bound that a field stands for. A field that is not edited stands for the absolute time that it shows without its
 * milliseconds.
 */
const readBound = (text: FormDataEntryValue | null, shown: string): string => {
  const time = parseInputValue(text);
  const isUnchanged = !shown.startsWith("now") && time === parseInputValue(toInputValue(toEpochMs(shown)));
  return isUnchanged && time !== "" ? shown : time;
};

/** Dialog for the start and end of a time range. */
export const RangeDialog = ({ onClose }: { readonly onClose: () => void }): JSX.Element => {
  const { from, to } = filter.value;
  return (
    <Dialog title={`Time range${timeZone.value === "utc" ? " (UTC)" : ""}`} onClose={onClose}>
      <form
        class="range-form"
        method="dialog"
        onSubmit={({ currentTarget }) => {
          const data = new FormData(currentTarget);
          navigate({ filter: { from: readBound(data.get("from"), from), to: readBound(data.get("to"), to) } });
        }}
      >
        <label class="label">
          From
          <input
            class="field"
            type="datetime-local"
            name="from"
            step="1"
            defaultValue={toInputValue(toEpochMs(from))}
          />
        </label>
        <label class="label">
          To
          <input class="field" type="datetime-local" name="to" step="1" defaultValue={toInputValue(toEpochMs(to))} />
        </label>
        <button class="button primary" type="submit">
          Apply
        </button>
      </form>
    </Dialog>
  );
};
