/**
 * What the browser says about page and network. Outside of a page it says less, or nothing.
 */

/** Calls back on hide, and on the network's or the reader's return; returns what ends it. */
export const onPageSignals = (onHide: () => void, onReturn: () => void): (() => void) => {
  const { addEventListener, document } = globalThis as Partial<typeof globalThis>;
  const stopper = new AbortController();
  const { signal } = stopper;
  for (const type of ["online", "focus", "pageshow"]) addEventListener?.(type, onReturn, { signal });
  addEventListener?.("pagehide", onHide, { signal });
  // The last event that mobile browsers reliably fire.
  document?.addEventListener("visibilitychange", () => (document.hidden ? onHide : onReturn)(), { signal });
  return () => stopper.abort();
};

/** When the page has nothing better to do; Safari cannot say when. */
export const whenIdle = (callback: () => void): unknown =>
  "requestIdleCallback" in globalThis ? requestIdleCallback(callback, { timeout: 2_000 }) : setTimeout(callback, 200);
