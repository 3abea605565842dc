/**
 * Checks the `Origin` header, by which a browser identifies the site of a page. This keeps pages of other sites out; it
 * does not stop programs other than browsers, which can send any header.
 */
import { ANY_ORIGIN } from "#contract/store/app-record.ts";
import { FailureError } from "../failure.ts";

const WILDCARD = "://*.";

const isMatch = (allowed: string, origin: string): boolean => {
  if (allowed === ANY_ORIGIN) return true;
  const star = allowed.indexOf(WILDCARD);
  if (star < 0) return allowed === origin;
  const scheme = allowed.slice(0, star + 3);
  const domain = allowed.slice(star + WILDCARD.length - 1);
  return origin.startsWith(scheme) && origin.length > scheme.length + domain.length && origin.endsWith(domain);
};

/** Throws `forbidden_origin` if the request comes from a page of another site. */
export const assertOwnOrigin = (request: Request): void => {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return;
  throw new FailureError({ kind: "forbidden_origin", access: "read" });
};

/**
 * Throws `forbidden_origin` if the request comes from a page whose origin is not in `allowed`. The Worker's own pages are
 * always allowed.
 *
 * @param allowed Origins such as `https://shop.example`, `https://*.shop.example` or `*`.
 */
export const assertOrigin = (request: Request, allowed: readonly string[]): void => {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return;
  if (allowed.some((pattern) => isMatch(pattern, origin))) return;
  throw new FailureError({ kind: "forbidden_origin", access: "write" });
};
