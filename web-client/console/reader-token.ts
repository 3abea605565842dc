/**
 * The reader token: from the address (and then out of it, so that it is neither bookmarked nor shared), or from the
 * form. Kept for this tab only.
 */

const STORAGE_KEY = "edgelog.readerToken";

/** Moves a token from `#token=…` into this tab's storage. */
export const takeTokenFromAddress = (): void => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  saveToken(token);
  history.replaceState(null, "", `${location.pathname}${location.search}`);
};

/** The token of this tab, where there is one. */
export const readToken = (): string | undefined => sessionStorage.getItem(STORAGE_KEY) ?? undefined;

/** Keeps a token for this tab. */
export const saveToken = (token: string): void => sessionStorage.setItem(STORAGE_KEY, token.trim());

/** Signs this tab out. */
export const forgetToken = (): void => sessionStorage.removeItem(STORAGE_KEY);
