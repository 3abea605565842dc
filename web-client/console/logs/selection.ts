/** Which row the keyboard is on: the open one, or else the one that was moved to. */
import { computed, signal } from "@preact/signals";
import { address, navigate } from "../address.ts";
import type { LogRow } from "./feed/log-row.ts";

const moved = signal("");

/** Id of the selected row; "" for none. */
export const selectedId = computed(() => address.value.event || moved.value);

export const openRow = ({ id }: LogRow): void => {
  moved.value = id;
  // From one open log to the next is no step to go Back.
  navigate({ event: id }, address.value.event === "");
};

export const closeDetail = (): void => {
  moved.value = address.value.event;
  navigate({ event: "" });
};

/** Selects the row `step` below the present one, and opens it where one is open. */
export const moveSelection = (rows: readonly LogRow[], step: number): void => {
  const at = rows.findIndex(({ id }) => id === selectedId.value);
  const row = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
  if (row === undefined) return;
  if (address.value.event === "") moved.value = row.id;
  else openRow(row);
};
