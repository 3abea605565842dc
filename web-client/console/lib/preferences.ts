/** The reader's preferences, stored in this browser if it permits storage. */

export const readPreference = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage is blocked: preferences last until the page is closed.
    return null;
  }
};

export const writePreference = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is blocked or full.
  }
};
