/** The selected row: the open log, or the one selected with the keyboard. */
import { computed, signal } from "@preact/signals";
import { address, navigate } from "../address.ts";
import type { LogRow } from "./feed/log-row.ts";

const keyboardKey = signal("");

/** Key of the selected row; "" if there is none. */
export const selectedKey = computed(() => address.value.event || keyboardKey.value);

export const clearSelection = (): void => {
  keyboardKey.value = "";
};

export const openRow = ({ key }: LogRow): void => {
  keyboardKey.value = key;
  // Switching from one open log to another adds no history entry.
  navigate({ event: key }, address.value.event === "");
};

export const closeDetail = (): void => {
  keyboardKey.value = address.value.event;
  navigate({ event: "" });
};

/** Selects the row `step` rows below the selected one, and opens it if a log is open. */
export const moveSelection = (rows: readonly LogRow[], step: number): void => {
  const at = rows.findIndex(({ key }) => key === selectedKey.value);
  const row = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
  if (row === undefined) return;
  if (address.value.event === "") keyboardKey.value = row.key;
  else openRow(row);
};
