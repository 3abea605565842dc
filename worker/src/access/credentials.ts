/**
 * Reads credentials off a request and checks them. Everything here answers with a {@link ProblemError} or a name.
 */
import { hasExpired } from "#contract/store/app-record.ts";
import { findApp, findReader, hashSecret, type AppRecord, type AppStore, type ReaderRecord } from "./apps.ts";
import { ProblemError } from "../http/problem.ts";

/** Apps may use Basic. A browser asks for a name and a password when it meets that: the console's readers must not. */
const CHALLENGES = { app: 'Basic realm="edgelog", charset="UTF-8"', bearer: 'Bearer realm="edgelog"' } as const;

const refuse = (
  reason: "missing_credentials" | "invalid_credentials",
  detail: string,
  challenge: keyof typeof CHALLENGES = "bearer",
): ProblemError =>
  new ProblemError({ status: 401, reason, detail, headers: { "WWW-Authenticate": CHALLENGES[challenge] } });

const bearerOf = (request: Request): string | undefined => {
  const match = /^Bearer\s+(\S+)$/i.exec(request.headers.get("Authorization") ?? "");
  return match?.[1];
};

const decodeBasic = (encoded: string): string | undefined => {
  try {
    return atob(encoded);
  } catch {
    return undefined;
  }
};

/** `{app}:{key}` from Basic or Bearer authorization, or from the query for `sendBeacon`, which can set no header. */
const appCredentialsOf = (request: Request): { app: string; key: string } | undefined => {
  const basic = /^Basic\s+(\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const pair = basic === undefined ? bearerOf(request) : decodeBasic(basic);
  if (pair !== undefined) {
    const colon = pair.indexOf(":");
    return colon > 0 ? { app: pair.slice(0, colon), key: pair.slice(colon + 1) } : undefined;
  }
  const query = new URL(request.url).searchParams;
  const app = query.get("app");
  const key = query.get("key");
  return app === null || key === null ? undefined : { app, key };
};

/** Compares two strings of equal length in a time that does not depend on where they differ. */
const isSame = (left: string, right: string): boolean => {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(left), encoder.encode(right)];
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b);
};

/** The app that sends this request, once its key is proven. */
export const authenticateApp = async (
  request: Request,
  store: AppStore,
): Promise<{ readonly app: string; readonly record: AppRecord }> => {
  const credentials = appCredentialsOf(request);
  if (credentials === undefined) {
    throw refuse(
      "missing_credentials",
      "Send `Authorization: Basic` or `Bearer` with app:key, or ?app= and &key=.",
      "app",
    );
  }
  const record = await findApp(store, credentials.app);
  const hash = await hashSecret(credentials.key);
  const now = Date.now();
  // All keys are compared, and all are compared whole: how long it takes tells nothing about which one is near.
  const isKnown = record?.keys.map((key) => isSame(key.hash, hash) && !hasExpired(key, now)).includes(true) ?? false;
  if (record === undefined || !isKnown) {
    throw refuse("invalid_credentials", "Unknown app, or a key that is not one of this app's.", "app");
  }
  return { app: credentials.app, record };
};

/** What the holder of the request's reader token may read. */
export const authenticateReader = async (request: Request, store: AppStore): Promise<ReaderRecord> => {
  const token = bearerOf(request);
  if (token === undefined) throw refuse("missing_credentials", "Send `Authorization: Bearer` with a reader token.");
  const reader = await findReader(store, token);
  if (reader === undefined) throw refuse("invalid_credentials", "Unknown reader token, or one that has expired.");
  return reader;
};

/** Lets only the relay pass. The previous token is valid beside the current one, until it is taken away. */
export const assertRelay = async (request: Request, tokens: readonly (string | undefined)[]): Promise<void> => {
  const token = bearerOf(request);
  if (token === undefined) throw refuse("missing_credentials", "Send `Authorization: Bearer` with the relay token.");
  const hash = await hashSecret(token);
  const known = await Promise.all(tokens.filter((each) => each !== undefined).map(hashSecret));
  if (!known.map((each) => isSame(each, hash)).includes(true)) {
    throw refuse("invalid_credentials", "This is not the relay token.");
  }
};
