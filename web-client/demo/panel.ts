/** Shows the state of the logger: connection, counts, and the latest events with their outcomes. */
import type { Severity } from "#contract/wire/severity.ts";
import { byId, h, severityBadge } from "../shared/dom.ts";
import type { LoggerCounts, LoggerStatus } from "../logger/index.ts";
import type { DemoListener } from "./demo-logger.ts";

const SHOWN_EVENTS = 8;

const HELP: Readonly<Record<LoggerStatus["state"], string>> = {
  idle: "Connects when the first event is logged.",
  connecting: "",
  online: "",
  offline:
    "Not connected. Events are stored on this device and sent when the connection is back. You can close the tab and return later.",
  denied: "The app ID or key was rejected. Events are stored on this device; the logger retries once a minute.",
  challenged:
    "A firewall in front of the server responds with a check for bots. Events are stored on this device; the logger retries once a minute.",
  closed: "",
};

const TRANSPORTS = { mqtt: "MQTT", http: "HTTP" } as const;

const COUNTS: readonly (readonly [string, string, (counts: LoggerCounts) => number])[] = [
  ["Waiting", "", ({ queued }) => queued],
  ["Sending", "", ({ inFlight }) => inFlight],
  ["Stored", "good", ({ stored }) => stored],
  ["Duplicates", "", ({ duplicates }) => duplicates],
  ["Rejected", "bad", ({ rejected }) => rejected],
  ["Dropped", "bad", ({ dropped }) => Object.values(dropped).reduce((sum, count) => sum + count, 0)],
];

/** Builds the panel; returns the callbacks that update it. */
export const createPanel = (onDenied: () => void): DemoListener => {
  const status = byId("status", HTMLParagraphElement);
  const statusText = byId("status-text", HTMLSpanElement);
  const mini = byId("mini", HTMLAnchorElement);
  const miniText = byId("mini-text", HTMLSpanElement);
  const miniCounts = byId("mini-counts", HTMLSpanElement);
  const help = byId("status-help", HTMLParagraphElement);
  const events = byId("events", HTMLOListElement);
  const noEvents = byId("no-events", HTMLParagraphElement);
  const outcomes = new Map<string, HTMLElement>();

  const numbers = COUNTS.map(([name, tone, pick]) => ({ name, tone, pick, dd: h("dd", {}, "0") }));
  const cells = numbers.map(({ name, dd }) => h("div", {}, h("dt", {}, name), dd));
  byId("counts", HTMLDListElement).append(...cells);

  // Batches updates per frame, so that a burst of events causes one repaint.
  let pending: { id: string; severity: Severity; body: string }[] = [];
  const showPending = (): void => {
    const shown = pending.splice(-SHOWN_EVENTS);
    pending = [];
    for (const { id, severity, body } of shown) {
      const outcome = h(
        "span",
        { class: "outcome", attributes: { "data-state": "waiting" } },
        settled.get(id) ?? "waiting",
      );
      if (settled.has(id)) outcome.dataset["state"] = settled.get(id);
      outcomes.set(id, outcome);
      events.prepend(h("li", {}, severityBadge(severity), h("span", { class: "text" }, body), outcome));
    }
    settled.clear();
    while (events.children.length > SHOWN_EVENTS) events.lastElementChild?.remove();
    for (const [id, outcome] of outcomes) if (!outcome.isConnected) outcomes.delete(id);
    noEvents.hidden = events.children.length > 0;
  };
  /** Outcomes of events that are not rendered yet. */
  const settled = new Map<string, string>();

  return {
    onLogged(id, severity, body) {
      if (pending.length === 0) requestAnimationFrame(showPending);
      pending.push({ id, severity, body });
    },
    onSettled(settlements) {
      for (const { id, state } of settlements) {
        const outcome = outcomes.get(id);
        if (outcome === undefined) settled.set(id, state);
        else {
          outcome.dataset["state"] = state;
          outcome.textContent = state;
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
      miniCounts.textContent = `${(counts.queued + counts.inFlight).toLocaleString()} waiting, ${counts.stored.toLocaleString()} stored`;
      for (const [i, { pick, dd, tone }] of numbers.entries()) {
        const value = pick(counts);
        dd.textContent = value.toLocaleString();
        const cell = cells[i];
        if (cell !== undefined) cell.className = value > 0 ? tone : "";
      }
    },
  };
};
