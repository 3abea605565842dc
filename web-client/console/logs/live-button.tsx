import { computed, signal } from "@preact/signals";
import type { JSX } from "preact";
import { filter, navigate } from "../address.ts";
import { tailState } from "./feed/use-tail.ts";

const isPaused = signal(false);

/** New logs come by themselves. A range that has ended has none. */
export const isLive = computed(() => !isPaused.value && filter.value.to === "");

/** Pauses or goes on; in a range that has ended, on from there. */
export const toggleLive = (): void => {
  if (isLive.value) isPaused.value = true;
  else {
    isPaused.value = false;
    if (filter.value.to !== "") navigate({ filter: { to: "" } });
  }
};

export const LiveButton = (): JSX.Element => (
  <button
    class="button live"
    type="button"
    aria-pressed={isLive.value}
    data-tail={tailState.value}
    title={tailState.value === "live" ? "Logs as they pass the broker ( l )" : "Asks for new logs each second ( l )"}
    onClick={toggleLive}
  >
    <span class="dot" />
    Live
  </button>
);
