/** Reads the URL of a service, which may contain user and password. No error contains them, unlike that of `new URL`. */

/**
 * `undefined` if the URL is not valid, or its user and password are not encoded: a `/` in a password ends the host, so a part of the password
 * would become a path, and an `@` would follow.
 */
export const parseServiceUrl = (text: string): URL | undefined => {
  try {
    const url = new URL(text);
    const { protocol, username, password, pathname, search, hash } = url;
    decodeURIComponent(`${username} ${password}`);
    return /^https?:$/.test(protocol) && !`${pathname}${search}${hash}`.includes("@") ? url : undefined;
  } catch {
    return undefined;
  }
};

/** The error message for a URL that is not valid. */
export const toInvalidUrl = (variable: string): string =>
  `${variable} is not a valid URL. Encode the special characters of the password, for example / as %2F, # as %23, @ as %40 and % as %25`;
