/**
 * The logger's state on the page: connection, counts, and the last events with what became of them.
 */
import type { Severity } from "#contract/wire/severity.ts";
import { byId, h, severityBadge } from "../shared/dom.ts";
import type { LoggerCounts, LoggerStatus } from "../logger/index.ts";
import type { DemoListener } from "./demo-logger.ts";

const SHOWN_EVENTS = 8;

const HELP: Readonly<Record<LoggerStatus["state"], string>> = {
  idle: "It connects with the first log.",
  connecting: "",
  online: "",
  offline:
    "The server cannot be reached. Events are kept on this device: close the tab if you like, they are sent when you are back.",
  denied: "App or key was refused. Events are kept on this device, and it is tried again once a minute.",
  closed: "",
};

const TRANSPORTS = { mqtt: "MQTT", http: "HTTP" } as const;

const COUNTS: readonly (readonly [string, string, (counts: LoggerCounts) => number])[] = [
  ["Waiting", "", ({ queued }) => queued],
  ["In flight", "", ({ inFlight }) => inFlight],
  ["Stored", "good", ({ stored }) => stored],
  ["Duplicates", "", ({ duplicates }) => duplicates],
  ["Rejected", "bad", ({ rejected }) => rejected],
  ["Dropped", "bad", ({ dropped }) => Object.values(dropped).reduce((sum, count) => sum + count, 0)],
];

/** Fills the panel; returns what keeps it up to date. */
export const createPanel = (onDenied: () => void): DemoListener => {
  const status = byId("status", HTMLParagraphElement);
  const statusText = byId("status-text", HTMLSpanElement);
  const mini = byId("mini", HTMLAnchorElement);
  const miniText = byId("mini-text", HTMLSpanElement);
  const miniCounts = byId("mini-counts", HTMLSpanElement);
  const help = byId("status-help", HTMLParagraphElement);
  const events = byId("events", HTMLOListElement);
  const noEvents = byId("no-events", HTMLParagraphElement);
  const fates = new Map<string, HTMLElement>();

  const numbers = COUNTS.map(([name, tone, pick]) => ({ name, tone, pick, dd: h("dd", {}, "0") }));
  const cells = numbers.map(({ name, dd }) => h("div", {}, h("dt", {}, name), dd));
  byId("counts", HTMLDListElement).append(...cells);

  // A burst of logs makes one repaint, not a thousand.
  let pending: { id: string; severity: Severity; body: string }[] = [];
  const showPending = (): void => {
    const shown = pending.splice(-SHOWN_EVENTS);
    pending = [];
    for (const { id, severity, body } of shown) {
      const fate = h("span", { class: "fate", attributes: { "data-state": "waiting" } }, settled.get(id) ?? "waiting");
      if (settled.has(id)) fate.dataset["state"] = settled.get(id);
      fates.set(id, fate);
      events.prepend(h("li", {}, severityBadge(severity), h("span", { class: "text" }, body), fate));
    }
    settled.clear();
    while (events.children.length > SHOWN_EVENTS) events.lastElementChild?.remove();
    for (const [id, fate] of fates) if (!fate.isConnected) fates.delete(id);
    noEvents.hidden = events.children.length > 0;
  };
  /** Ends of events that are not on the page yet. */
  const settled = new Map<string, string>();

  return {
    onLogged(id, severity, body) {
      if (pending.length === 0) requestAnimationFrame(showPending);
      pending.push({ id, severity, body });
    },
    onSettled(settlements) {
      for (const { id, state } of settlements) {
        const fate = fates.get(id);
        if (fate === undefined) settled.set(id, state);
        else {
          fate.dataset["state"] = state;
          fate.textContent = state;
        }
      }
    },
    onStatus({ state, transport }) {
      const text = state === "idle" ? state : `${state} · ${TRANSPORTS[transport]}`;
      for (const element of [status, mini]) element.dataset["state"] = state;
      for (const element of [statusText, miniText]) element.textContent = text;
      help.textContent = HELP[state];
      if (state === "denied") {
        const change = h(
          "button",
          { class: "button small", attributes: { type: "button" }, on: { click: onDenied } },
          "Change app or key",
        );
        help.append(" ", change);
      }
    },
    onCounts(counts) {
      miniCounts.textContent = `${counts.queued + counts.inFlight} on the way, ${counts.stored} stored`;
      for (const [i, { pick, dd, tone }] of numbers.entries()) {
        const value = pick(counts);
        dd.textContent = value.toLocaleString();
        const cell = cells[i];
        if (cell !== undefined) cell.className = value > 0 ? tone : "";
      }
    },
  };
};
