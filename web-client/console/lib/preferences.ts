/** What the reader chose, kept in this browser as long as it lets us. */

export const readPreference = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage is denied: choices last as long as the page.
    return null;
  }
};

export const writePreference = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above, or it is full.
  }
};
