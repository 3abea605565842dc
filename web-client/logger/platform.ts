/**
 * What the browser says about page and network. Outside of a page it says less, or nothing.
 */

/** Listens to the page's window, or the worker's global; returns what ends it. */
export const listen = (types: readonly string[], listener: (event: never) => void): (() => void) => {
  const { addEventListener } = globalThis as Partial<typeof globalThis>;
  const stopper = new AbortController();
  // The controller has a `signal`, which is all that the options are asked for.
  for (const type of types) addEventListener?.(type, listener as (event: Event) => void, stopper);
  return () => stopper.abort();
};

/** When the page has nothing better to do; Safari cannot say when. */
export const whenIdle = (callback: () => void): unknown =>
  "requestIdleCallback" in globalThis ? requestIdleCallback(callback, { timeout: 2_000 }) : setTimeout(callback, 200);
