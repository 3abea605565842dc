/**
 * Closes the MQTT connection of a hidden page when nothing is in flight. Browsers throttle timers of hidden pages, so that
 * keepalive packets are late or missing, and the server would hold a connection that is not used.
 */
import { isHidden, startTimer, stopTimer, type Timer } from "../../platform.ts";
import type { Link } from "../link.ts";

export interface IdleClose {
  /** Returns the same link, which is closed when the page is hidden and it has been idle. */
  watch(link: Link): Link;
  /** Whether the last link was closed because it was idle. */
  readonly hasClosed: boolean;
  /** To be called when the page was hidden or shown. */
  visibilityChanged(): void;
  /** Resolves when the page is visible, or `endWait` is called. */
  untilVisible(): Promise<void>;
  /** Ends a wait early: there is a batch to send, or the logger is closing. */
  endWait(): void;
}

/** A link is closed `idleMs` after its last batch. */
export const createIdleClose = (idleMs: number): IdleClose => {
  let open: Link | undefined;
  let inFlight = 0;
  let hasClosed = false;
  let timer: Timer | undefined;
  let endWait = (): void => {};

  const visibilityChanged = (): void => {
    stopTimer(timer);
    if (!isHidden()) endWait();
    else if (open && inFlight === 0) {
      const link = open;
      timer = startTimer(() => {
        hasClosed = true;
        link.close();
      }, idleMs);
    }
  };

  return {
    watch(link) {
      open = link;
      inFlight = 0;
      hasClosed = false;
      void link.closed.then(() => {
        open = undefined;
        stopTimer(timer);
      });
      visibilityChanged();
      return {
        ...link,
        async send(batch) {
          inFlight += 1;
          stopTimer(timer);
          const result = await link.send(batch);
          if (open === link) {
            inFlight -= 1;
            visibilityChanged();
          }
          return result;
        },
      };
    },
    get hasClosed() {
      return hasClosed;
    },
    visibilityChanged,
    async untilVisible() {
      if (isHidden()) await new Promise<void>((resolve) => (endWait = resolve));
    },
    endWait: () => endWait(),
  };
};
