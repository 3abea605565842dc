import type { JSX } from "preact";
import { filter, navigate } from "../address.ts";
import { Dialog } from "../components/dialog.tsx";
import { timeZone } from "../lib/format-time.ts";
import { toEpochMs } from "../lib/to-epoch-ms.ts";

/** As `<input type="datetime-local">` takes it, in the reader's zone. */
const toInput = (ms: number): string => {
  if (Number.isNaN(ms)) return "";
  const offsetMs = timeZone.value === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 19);
};

/** Milliseconds since 1970, as the read API takes them; "" for what is not filled in. */
const fromInput = (text: FormDataEntryValue | null): string => {
  if (typeof text !== "string" || text === "") return "";
  const ms = Date.parse(timeZone.value === "utc" ? `${text}Z` : text);
  return Number.isNaN(ms) ? "" : String(ms);
};

/** Asks for the first and the last moment of a range. */
export const RangeDialog = ({ onClose }: { readonly onClose: () => void }): JSX.Element => {
  const { from, to } = filter.value;
  return (
    <Dialog title={`Time range${timeZone.value === "utc" ? " (UTC)" : ""}`} onClose={onClose}>
      <form
        class="range-form"
        method="dialog"
        onSubmit={({ currentTarget }) => {
          const data = new FormData(currentTarget);
          navigate({ filter: { from: fromInput(data.get("from")), to: fromInput(data.get("to")) } });
        }}
      >
        <label class="label">
          From
          <input class="field" type="datetime-local" name="from" step="1" defaultValue={toInput(toEpochMs(from))} />
        </label>
        <label class="label">
          To
          <input class="field" type="datetime-local" name="to" step="1" defaultValue={toInput(toEpochMs(to))} />
        </label>
        <button class="button primary" type="submit">
          Show
        </button>
      </form>
    </Dialog>
  );
};
