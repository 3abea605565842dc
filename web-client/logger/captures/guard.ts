/**
 * A capture's own work must not be captured: what it causes while it runs is let through.
 */

/** Runs `action` unless it runs already, and swallows what it throws. */
export const createGuard = (): ((action: () => void) => void) => {
  let isBusy = false;
  return (action) => {
    if (isBusy) return;
    isBusy = true;
    try {
      action();
    } catch {
      // never into the page
    }
    isBusy = false;
  };
};
