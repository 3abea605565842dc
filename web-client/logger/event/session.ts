/**
 * What all events of a page share, under OpenTelemetry's names: session, page view, address, user, sender. Sent once a
 * batch. The session is shared by the tabs of an origin and ends with 30 minutes of silence.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import { newId } from "./new-id.ts";
import { serialize } from "./serialize.ts";

/** Key in localStorage (recover.ts deletes it, too) of the session's id and its last activity. */
const SESSION_KEY = "edgelog.session";
const SILENCE_MS = 1_800_000;
const ID_LENGTH = 36;

/** The current session. */
export interface Session {
  /** As of the last call of {@link head}. */
  id: string;
  /** Its record, while nothing may stay on the device. */
  [SESSION_KEY]?: string;
  /** Adds to what all later events share; `undefined` takes away. */
  share(attributes: Attributes): void;
  /** JSON of `{"resource":…,"attributes":…}`; the same text until something changes. */
  head(): string;
}

/** Touches nothing before the first call of a method; `isKept`: whether something may stay on the device. */
export const createSession = (resource: Attributes, shared: Attributes, isKept: () => boolean): Session => {
  const { location } = globalThis as Partial<typeof globalThis>;
  let path: string | undefined;
  let viewId: string | undefined;
  let head = "";

  const session: Session = {
    id: "",
    share(attributes) {
      shared = { ...shared, ...attributes };
      head = "";
    },
    head() {
      const { id } = session;
      const nowMs = Date.now();
      try {
        const kept = isKept() ? localStorage : session;
        const record = `${kept[SESSION_KEY]}`;
        const silenceMs = nowMs - (record.slice(ID_LENGTH) as unknown as number);
        session.id = silenceMs < SILENCE_MS ? record.slice(0, ID_LENGTH) : newId();
        if (!(silenceMs < 1_000)) kept[SESSION_KEY] = session.id + nowMs;
      } catch {
        session.id ||= newId(); // no storage: a session of this page
      }
      if (id !== session.id) head = "";
      if (location?.pathname !== path) {
        path = location?.pathname;
        viewId = newId();
        head = "";
      }
      return (head ||= serialize({
        resource,
        attributes: {
          "session.id": session.id,
          "edgelog.page_view.id": viewId,
          // Without query and fragment, where secrets are.
          "url.full": location && location.origin + path,
          ...shared,
        },
      }));
    },
  };
  return session;
};
