/**
 * The reader token: from the address (and then out of it, so that it is neither bookmarked nor shared), or from the
 * form. Kept for this tab only.
 */
import { signal } from "@preact/signals";

const STORAGE_KEY = "edgelog.readerToken";

/** The token of this tab; `undefined` when signed out. */
export const readerToken = signal(sessionStorage.getItem(STORAGE_KEY) ?? undefined);

/** Whether the server refused the token that was used last. */
export const wasRefused = signal(false);

/** Keeps a token for this tab. */
export const signIn = (token: string): void => {
  const trimmed = token.trim();
  sessionStorage.setItem(STORAGE_KEY, trimmed);
  wasRefused.value = false;
  readerToken.value = trimmed;
};

/** Signs this tab out; `isRefusal`: because the server does not know the token any more. */
export const signOut = (isRefusal = false): void => {
  sessionStorage.removeItem(STORAGE_KEY);
  wasRefused.value = isRefusal;
  readerToken.value = undefined;
};

/** Moves a token from `#token=…` into this tab's storage. */
export const takeTokenFromAddress = (): void => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  signIn(token);
  history.replaceState(null, "", `${location.pathname}${location.search}`);
};
