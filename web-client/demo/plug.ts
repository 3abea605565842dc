/**
 * The experiment of the page: pull the plug, log, close the tab, come back. The switch cuts the logger off; the receipts
 * show what the server has accounted for, also of what earlier visits left on the device.
 */
import { byId, h } from "../shared/dom.ts";
import type { LoggerCounts, Settlement } from "../logger/index.ts";
import type { DemoLogger } from "./demo-logger.ts";

const SHOWN_RECEIPTS = 5;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Shows receipts and what is kept on the device. */
export interface Plug {
  readonly onSettled: (settlements: readonly Settlement[]) => void;
  readonly onCounts: (counts: LoggerCounts) => void;
  /** The switch works from now on. */
  connect(logger: DemoLogger): void;
}

/** The time of the call is in the id (UUIDv7). */
const loggedAtMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const eventsOf = (count: number): string => `${count.toLocaleString()} ${count === 1 ? "event" : "events"}`;

/** Fills the page. */
export const createPlug = (): Plug => {
  const card = byId("plug", HTMLElement);
  const offline = byId("offline", HTMLInputElement);
  const text = byId("plug-text", HTMLParagraphElement);
  const meter = byId("kept", HTMLMeterElement);
  const keptText = byId("kept-text", HTMLSpanElement);
  const receipts = byId("receipts", HTMLOListElement);
  const noReceipts = byId("no-receipts", HTMLParagraphElement);
  const welcome = byId("welcome", HTMLParagraphElement);
  let kept = 0;
  let recovered = 0;
  let wasOffline = false;

  const showText = (): void => {
    if (offline.checked) {
      text.textContent =
        kept > 0
          ? "Nothing gets through now. Close this tab if you like, and open it again: nothing is lost."
          : "Nothing gets through now. Click something in the shop.";
    } else {
      text.textContent = wasOffline
        ? "Back online. Each receipt below says that the server has stored the events."
        : "Cut the logger off, click around, even close the tab. Then come back.";
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
        h("span", {}, `${eventsOf(count)} ${tone}`),
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
      welcome.textContent = `Welcome back. ${eventsOf(recovered)} of an earlier visit ${recovered === 1 ? "was" : "were"} kept on this device and ${recovered === 1 ? "is" : "are"} stored now.`;
    },
    onCounts({ queued, inFlight }) {
      kept = queued + inFlight;
      meter.value = kept;
      keptText.textContent = kept === 0 ? "Nothing is waiting on this device" : `${eventsOf(kept)} kept on this device`;
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
