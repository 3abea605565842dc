import type { JSX } from "preact";
import { filter, navigate } from "../address.ts";
import { Dialog } from "../components/dialog.tsx";
import { timeZone } from "../lib/format-time.ts";
import { parseInputEnd, parseInputValue, toInputValue } from "../lib/local-time.ts";
import { toEpochMs } from "../lib/to-epoch-ms.ts";

/**
 * The bound that a field stands for. A field that is not edited stands for the absolute time that it shows without its
 * milliseconds.
 */
const readBound = (text: FormDataEntryValue | null, shown: string, parse: (text: string) => number): string => {
  const ms = parse(typeof text === "string" ? text : "");
  if (Number.isNaN(ms)) return "";
  const isUnchanged = !shown.startsWith("now") && ms === parse(toInputValue(toEpochMs(shown)));
  return isUnchanged ? shown : String(ms);
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
          navigate({
            filter: {
              from: readBound(data.get("from"), from, parseInputValue),
              to: readBound(data.get("to"), to, parseInputEnd),
            },
          });
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
