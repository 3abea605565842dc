/**
 * Simulates an offline device: switch the logger offline, log, close the tab, come back. The receipts show which events
 * the server has accounted for, including events from earlier visits.
 */
import { byId, h } from "../shared/dom.ts";
import type { LoggerCounts, Settlement } from "../logger/index.ts";
import type { DemoLogger } from "./demo-logger.ts";

const SHOWN_RECEIPTS = 5;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Callbacks that update the receipts and the number of waiting events. */
export interface OfflineSwitch {
  readonly onSettled: (settlements: readonly Settlement[]) => void;
  readonly onCounts: (counts: LoggerCounts) => void;
  /** Enables the switch. */
  connect(logger: DemoLogger): void;
}

/** The time of the log call, from the event id (UUIDv7). */
const loggedAtMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const formatEvents = (count: number): string => `${count.toLocaleString()} ${count === 1 ? "event" : "events"}`;

/** Builds the offline switch and the list of receipts. */
export const createOfflineSwitch = (): OfflineSwitch => {
  const card = byId("offline-card", HTMLElement);
  const offline = byId("offline", HTMLInputElement);
  const text = byId("offline-text", HTMLParagraphElement);
  const meter = byId("waiting-meter", HTMLMeterElement);
  const waitingText = byId("waiting-text", HTMLSpanElement);
  const receipts = byId("receipts", HTMLOListElement);
  const noReceipts = byId("no-receipts", HTMLParagraphElement);
  const welcome = byId("welcome", HTMLParagraphElement);
  let waiting = 0;
  let recovered = 0;
  let wasOffline = false;

  const showText = (): void => {
    if (offline.checked) {
      text.textContent =
        waiting > 0
          ? "You can close this tab and open it again: no events are lost."
          : "The logger is disconnected. Click something in the shop.";
    } else {
      text.textContent = wasOffline
        ? "Back online. The receipts below confirm that the server has stored the events."
        : "Disconnect the logger, use the shop, even close the tab. Events are sent when the logger is online again.";
    }
    card.dataset["state"] = offline.checked ? "offline" : "online";
  };

  const showReceipt = (count: number, tone: string, note: string): void => {
    noReceipts.hidden = true;
    receipts.prepend(
      h(
        "li",
        { attributes: { "data-state": tone } },
        h("time", {}, TIME.format(Date.now())),
        h("span", {}, `${formatEvents(count)} ${tone}`),
        h("span", { class: "muted" }, note),
      ),
    );
    while (receipts.children.length > SHOWN_RECEIPTS) receipts.lastElementChild?.remove();
  };

  return {
    onSettled(settlements) {
      for (const state of ["stored", "rejected"] as const) {
        const ids = settlements.filter((settlement) => settlement.state === state).map(({ id }) => id);
        const earlier = ids.filter((id) => loggedAtMs(id) < performance.timeOrigin);
        recovered += state === "stored" ? earlier.length : 0;
        if (ids.length > earlier.length) showReceipt(ids.length - earlier.length, state, "");
        if (earlier.length > 0) showReceipt(earlier.length, state, "earlier visit");
      }
      welcome.hidden = recovered === 0;
      welcome.textContent = `Welcome back. ${formatEvents(recovered)} from an earlier visit ${recovered === 1 ? "was" : "were"} waiting on this device and ${recovered === 1 ? "is" : "are"} now stored.`;
    },
    onCounts({ queued, inFlight }) {
      waiting = queued + inFlight;
      meter.value = waiting;
      waitingText.textContent =
        waiting === 0 ? "No events waiting on this device" : `${formatEvents(waiting)} waiting on this device`;
      showText();
    },
    connect(logger) {
      offline.addEventListener("change", () => {
        wasOffline ||= offline.checked;
        logger.setOffline(offline.checked);
        showText();
      });
      offline.disabled = false;
      showText();
    },
  };
};
