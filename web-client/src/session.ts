/**
 * What all events of a page share, under OpenTelemetry's names: session, page view, address, user, sender. Sent once a
 * batch. The session is shared by the tabs of an origin and ends with 30 minutes of silence.
 */
import type { Attributes } from "../../contract/log-event.ts";
import { newId } from "./new-id.ts";
import { redactUrl } from "./redact.ts";
import { toAttributes } from "./to-attributes.ts";

/** Key in localStorage (recover.ts deletes it, too) of the session's id and its last activity. */
const SESSION_KEY = "edgelog.session";
const SILENCE_MS = 1_800_000;
/** How often the last activity is read and written: at each log it would be dear. */
const REFRESH_MS = 5_000;

/** The current session. */
export interface Session {
  readonly id: string;
  /** Adds to what all later events share; `undefined` takes away. */
  set(attributes: Attributes): void;
  /** JSON of `{"resource":…,"attributes":…}`; the same text until something changes. */
  head(): string;
}

/** Touches nothing before the first call of a method; `isKept`: whether something may stay on the device. */
export const createSession = (resource: Attributes, attributes: Attributes, isKept: () => boolean): Session => {
  let shared = attributes;
  let id = "";
  let activeMs = 0;
  let href = "";
  let viewId: string | undefined;
  let head = "";

  const refresh = (): string => {
    const nowMs = Date.now();
    if (nowMs - activeMs > REFRESH_MS) {
      let known = `${id} ${activeMs}`;
      try {
        if (isKept()) known = localStorage[SESSION_KEY] ?? known;
        const [knownId = "", sinceMs] = known.split(" ");
        const next = nowMs - Number(sinceMs) < SILENCE_MS ? knownId : newId();
        if (next !== id) head = "";
        id = next;
        if (isKept()) localStorage[SESSION_KEY] = `${id} ${nowMs}`;
      } catch {
        id ||= newId(); // no storage: a session of this page
      }
      activeMs = nowMs;
    }
    return id;
  };

  return {
    get id() {
      return refresh();
    },
    set(next) {
      shared = { ...shared, ...next };
      head = "";
    },
    head() {
      refresh();
      const address = globalThis.location?.href;
      if (address && address !== href) {
        const path = address.split(/[?#]/, 1)[0] ?? "";
        // Another query or fragment is the same view.
        if (href.split(/[?#]/, 1)[0] !== path) viewId = newId();
        href = address;
        head = "";
      }
      head ||= JSON.stringify({
        resource: toAttributes(resource),
        attributes: toAttributes({
          "session.id": id,
          "edgelog.page_view.id": viewId,
          "url.full": redactUrl(href) || undefined,
          ...shared,
        }),
      });
      return head;
    },
  };
};
