/**
 * What the browser says about page and network. Outside of a page it says less, or nothing.
 */
import { pageGlobals } from "./page-globals.ts";

/** Calls back on hide and on the network's return; returns what ends it. */
export const onPageSignals = (onHide: () => void, onOnline: () => void): (() => void) => {
  const page = pageGlobals();
  const { document } = page;
  const stopper = new AbortController();
  const { signal } = stopper;
  page.addEventListener?.("online", onOnline, { signal });
  page.addEventListener?.("pagehide", onHide, { signal });
  const onVisibility = (): void => {
    if (document?.visibilityState === "hidden") onHide();
  };
  // The last event that mobile browsers reliably fire.
  document?.addEventListener("visibilitychange", onVisibility, { signal });
  return () => stopper.abort();
};
