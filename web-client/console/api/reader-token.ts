/**
 * The reader token of this browser. It comes from the sign-in form or from the URL fragment, from which it is removed so
 * that it is not bookmarked or shared. A token of a link replaces another token only after the reader agrees: the link may
 * come from someone else. Local storage keeps it for all tabs until the reader signs out; on a shared computer it is
 * kept in session storage, for this tab only. docs/threat-model.md describes the consequences.
 */
import { signal } from "@preact/signals";

const STORAGE_KEY = "edgelog.readerToken";

const readStorage = (storage: () => Storage): string | undefined => {
  try {
    return storage().getItem(STORAGE_KEY) ?? undefined;
  } catch {
    // Storage is blocked: the token lasts until the page is closed.
    return undefined;
  }
};

const writeStorage = (storage: () => Storage, token: string | undefined): void => {
  try {
    if (token === undefined) storage().removeItem(STORAGE_KEY);
    else storage().setItem(STORAGE_KEY, token);
  } catch {
    // See readStorage.
  }
};

const ofTab = (): Storage => sessionStorage;
const ofBrowser = (): Storage => localStorage;

/** The current token; `undefined` when signed out. */
export const readerToken = signal(readStorage(ofTab) ?? readStorage(ofBrowser));

/** Whether the server rejected the last token. */
export const wasTokenRejected = signal(false);

/** The token of a link that was opened while this browser has another token. `undefined` when there is no such link. */
export const offeredToken = signal<string | undefined>(undefined);

/** Stores a token. `isTabOnly`: other tabs are not signed in, and closing this tab signs out. */
export const signIn = (token: string, isTabOnly = false): void => {
  const trimmed = token.trim();
  writeStorage(ofTab, isTabOnly ? trimmed : undefined);
  if (!isTabOnly) writeStorage(ofBrowser, trimmed);
  wasTokenRejected.value = false;
  offeredToken.value = undefined;
  readerToken.value = trimmed;
};

/**
 * Removes the token from this tab and, if it is stored for the browser, from all tabs. `isRejected`: the server rejected it, and
 * the sign-in form shows that.
 */
export const signOut = (isRejected = false): void => {
  const token = readerToken.value;
  writeStorage(ofTab, undefined);
  if (readStorage(ofBrowser) === token) writeStorage(ofBrowser, undefined);
  wasTokenRejected.value = isRejected;
  readerToken.value = undefined;
  if (isRejected && offeredToken.value !== undefined) signIn(offeredToken.value);
};

/**
 * Removes the token of `#token=…` from the URL, if there is one, and signs in with it. If this browser has another token, the
 * token is offered instead.
 */
const signInFromUrl = (): void => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token")?.trim();
  if (token === undefined) return;
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  if (token === "" || token === readerToken.value) return;
  if (readerToken.value === undefined) signIn(token);
  else offeredToken.value = token;
};

/** Signs in from the URL now, and when a link is pasted into this tab; follows sign-ins and sign-outs of other tabs. */
export const watchSignIn = (): void => {
  signInFromUrl();
  // A pasted link that differs in its fragment only does not load the page again.
  window.addEventListener("hashchange", signInFromUrl);
  window.addEventListener("storage", ({ key }) => {
    // `key` is null when all entries are removed.
    if ((key !== STORAGE_KEY && key !== null) || readStorage(ofTab) !== undefined) return;
    const token = readStorage(ofBrowser);
    if (token !== undefined) wasTokenRejected.value = false;
    readerToken.value = token;
  });
};
