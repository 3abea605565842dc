/**
 * An event that an earlier page left on the device.
 */
import type { Page } from "playwright-core";

/** From 2023: the logger that wrote it counts as closed. */
const OLD_ID = "018b0000-0000-7000-8000-000000000001";

/** Writes an event to localStorage as a logger does when its page goes away. `id` decides the time of the event. */
export const leaveEvent = (page: Page, body: string, id = OLD_ID): Promise<void> =>
  page.evaluate(
    ([owner, eventId, text]) => {
      const { endpoint, app } = globalThis.window.options;
      const batch = {
        v: 1,
        id: eventId,
        resource: { "service.name": app },
        attributes: { "session.id": eventId },
        events: [{ id: eventId, severity: "info", body: text }],
      };
      localStorage.setItem(`edgelog ${endpoint}/logs ${app}/${owner}.${eventId}`, JSON.stringify(batch));
    },
    [OLD_ID, id, body] as const,
  );
