/**
 * Converts a time of the monotonic clock (`performance.now()`) to Unix time in milliseconds, as the clock shows it now. The clock may
 * have been wrong at that time, and durations must not depend on it.
 */
export const toUnixMs = (monotonicMs: number | undefined): number | undefined =>
  monotonicMs === undefined ? undefined : Math.round(Date.now() - (performance.now() - monotonicMs));
