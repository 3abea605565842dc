/**
 * Which pages may log. An origin is a browser's word for where a page is from: it keeps other people's pages out, and no
 * program that is not a browser.
 */
import { ANY_ORIGIN } from "#contract/store/app-record.ts";
import { ProblemError } from "../http/problem.ts";

const WILDCARD = "://*.";

const isMatch = (allowed: string, origin: string): boolean => {
  if (allowed === ANY_ORIGIN) return true;
  const star = allowed.indexOf(WILDCARD);
  if (star < 0) return allowed === origin;
  const scheme = allowed.slice(0, star + 3);
  const domain = allowed.slice(star + WILDCARD.length - 1);
  return origin.startsWith(scheme) && origin.length > scheme.length + domain.length && origin.endsWith(domain);
};

const refuse = (detail: string): ProblemError =>
  new ProblemError({ status: 403, reason: "forbidden_origin", detail, field: "Origin" });

/** Throws where the request comes from a page that is not the Worker's own. */
export const assertOwnOrigin = (request: Request): void => {
  const origin = request.headers.get("Origin");
  if (origin !== null && origin !== new URL(request.url).origin)
    throw refuse("Pages of this origin may not read here.");
};

/** Throws where the request comes from a page that `allowed` does not name. The Worker's own pages are always allowed. */
export const assertOrigin = (request: Request, allowed: readonly string[]): void => {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return;
  if (allowed.some((pattern) => isMatch(pattern, origin))) return;
  throw refuse("Pages of this origin may not log here. `npm run app -- set APP --origin ORIGIN` allows them.");
};
