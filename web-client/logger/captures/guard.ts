/**
 * Prevents a capture from capturing its own work.
 */

/** Returns a function that runs `action` unless one is running, and ignores its errors. */
export const createGuard = (): ((action: () => void) => void) => {
  let isRunning = false;
  return (action) => {
    if (isRunning) return;
    isRunning = true;
    try {
      action();
    } catch {
      // never throws into the page
    }
    isRunning = false;
  };
};
