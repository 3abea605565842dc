/**
 * Nobody looks at the page and nothing is under way: then it needs no connection. A hidden page's timers stop, so that its
 * keepalive comes late or never, and a server holds a connection that nobody uses.
 */
import type { Link } from "../link.ts";

/** Ports of {@link createRest}. */
export interface RestOptions {
  /** How long a hidden page's link stays open after the last batch. */
  readonly idleMs: number;
  readonly isHidden: () => boolean;
}

/** When to let go of a link, and when to open the next. */
export interface Rest {
  /** The same link, which closes itself when it is not needed. */
  watch(link: Link): Link;
  /** Whether it was this that closed the last link. */
  readonly hasClosed: boolean;
  /** The page was hidden or shown. */
  look(): void;
  /** Resolves when the page is to be seen, or `end` is called. */
  whileHidden(): Promise<void>;
  /** Somebody wants to send, or it is all over. */
  end(): void;
}

/** Starts nothing. */
export const createRest = ({ idleMs, isHidden }: RestOptions): Rest => {
  let open: Link | undefined;
  let flights = 0;
  let hasClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let end = (): void => {};

  const look = (): void => {
    clearTimeout(timer);
    if (!isHidden()) end();
    else if (open && flights === 0) {
      const link = open;
      timer = setTimeout(() => {
        hasClosed = true;
        link.close();
      }, idleMs);
    }
  };

  return {
    watch(link) {
      open = link;
      flights = 0;
      hasClosed = false;
      void link.closed.then(() => {
        open = undefined;
        clearTimeout(timer);
      });
      look();
      return {
        ...link,
        async send(parcel) {
          flights += 1;
          clearTimeout(timer);
          const delivery = await link.send(parcel);
          if (open === link) {
            flights -= 1;
            look();
          }
          return delivery;
        },
      };
    },
    get hasClosed() {
      return hasClosed;
    },
    look,
    async whileHidden() {
      if (isHidden()) await new Promise<void>((resolve) => (end = resolve));
    },
    end: () => end(),
  };
};
