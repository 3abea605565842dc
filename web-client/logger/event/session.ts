/**
 * Attributes that all events of a page share, named by OpenTelemetry: session, page view, URL, user, resource. They are
 * sent once a batch. The session is shared by the tabs of an origin and ends after 30 minutes without a log.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import { localStore, now, pageUrl } from "../platform.ts";
import { newId } from "./new-id.ts";
import { copyEvent } from "./copy-event.ts";
import { SESSION_KEY } from "./session-key.ts";

const MAX_SILENCE_MS = 1_800_000;
/** The time of the last activity is written at most this often. */
const WRITE_INTERVAL_MS = 1_000;
const ID_LENGTH = 36;

export interface Session {
  /** Id of the session, updated by each call of `_head`. */
  _id: string;
  /** The session's record while nothing may be written to the device. */
  [SESSION_KEY]?: string;
  /** Adds attributes to all later events; `undefined` removes one. */
  _share(attributes: Attributes): void;
  /** JSON of `{"resource":…,"attributes":…}`; the same string until something changes. */
  _head(): string;
}

/**
 * Neither storage nor the page is used before the first call of a method. `mayStore`: whether the session may be
 * written to the device.
 */
export const createSession = (resource: Attributes, shared: Attributes, mayStore: () => boolean): Session => {
  let url: string | undefined;
  let viewId: string | undefined;
  let head = "";

  const session: Session = {
    _id: "",
    _share(attributes) {
      shared = { ...shared, ...attributes };
      head = "";
    },
    _head() {
      const { _id } = session;
      const nowMs = now();
      try {
        const store = mayStore() ? localStore() : session;
        const record = `${store[SESSION_KEY]}`;
        // A time in the future was written before the clock was set back.
        const silenceMs = Math.abs(nowMs - (record.slice(ID_LENGTH) as unknown as number));
        session._id = silenceMs < MAX_SILENCE_MS ? record.slice(0, ID_LENGTH) : newId();
        // Also true if the stored time is missing or invalid, which gives NaN.
        if (!(silenceMs < WRITE_INTERVAL_MS)) store[SESSION_KEY] = session._id + nowMs;
      } catch {
        session._id ||= newId(); // no localStorage: a session of this page
      }
      if (_id !== session._id) head = "";
      if (url !== (url = pageUrl())) {
        viewId = newId();
        head = "";
      }
      return (head ||= JSON.stringify(
        copyEvent({ resource }, { "session.id": session._id, "edgelog.page_view.id": viewId, "url.full": url }, shared),
      ));
    },
  };
  return session;
};
