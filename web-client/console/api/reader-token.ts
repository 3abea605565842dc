/**
 * This tab's reader token, in session storage. It comes from the sign-in form or from the URL fragment, from which it is
 * removed so that it is not bookmarked or shared.
 */
import { signal } from "@preact/signals";

const STORAGE_KEY = "edgelog.readerToken";

/** The token of this tab; `undefined` when signed out. */
export const readerToken = signal(sessionStorage.getItem(STORAGE_KEY) ?? undefined);

/** Whether the server rejected the last token. */
export const wasTokenRejected = signal(false);

/** Stores a token for this tab. */
export const signIn = (token: string): void => {
  const trimmed = token.trim();
  sessionStorage.setItem(STORAGE_KEY, trimmed);
  wasTokenRejected.value = false;
  readerToken.value = trimmed;
};

/** Removes this tab's token. `isRejected`: the server rejected it, and the sign-in form shows that. */
export const signOut = (isRejected = false): void => {
  sessionStorage.removeItem(STORAGE_KEY);
  wasTokenRejected.value = isRejected;
  readerToken.value = undefined;
};

/** Signs in with the token in `#token=…`, if there is one, and removes it from the URL. */
export const signInFromUrl = (): void => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  signIn(token);
  history.replaceState(null, "", `${location.pathname}${location.search}`);
};
