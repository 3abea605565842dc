import { computed, signal } from "@preact/signals";
import type { JSX } from "preact";
import { filter, navigate } from "../address.ts";
import { tailState } from "./feed/use-tail.ts";

const isPaused = signal(false);

/** Whether new logs are added automatically. Not possible in a time range with an end. */
export const isLive = computed(() => !isPaused.value && filter.value.to === "");

/** Pauses or resumes live updates. Resuming removes the end of the time range. */
export const toggleLive = (): void => {
  if (isLive.value) isPaused.value = true;
  else {
    isPaused.value = false;
    if (filter.value.to !== "") navigate({ filter: { to: "" } });
  }
};

const toHint = (): string => {
  if (!isLive.value) return "Show new logs again ( l )";
  return tailState.value === "live" ? "Logs appear as they are sent ( l )" : "New logs are loaded every second ( l )";
};

export const LiveButton = (): JSX.Element => (
  <button
    class="button live"
    type="button"
    data-live={isLive.value}
    data-tail={tailState.value}
    title={toHint()}
    onClick={toggleLive}
  >
    <span class="dot" />
    {isLive.value ? "Live" : "Paused"}
  </button>
);
