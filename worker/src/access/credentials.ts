/**
 * Extracts the credentials of a request and checks them.
 */
import { timingSafeEqual } from "node:crypto";
import { hasExpired, toTokenId } from "#contract/store/app-record.ts";
import { FailureError } from "../failure.ts";
import { findApp, findReader, hashSecret, type AppRecord, type AppStore, type ReaderRecord } from "./apps.ts";

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

/** Elasticsearch's clients encode `id:key` in base64. */
const decodeApiKey = (value: string): string | undefined => (value.includes(":") ? value : decodeBasic(value));

/** Headers in which clients of other services send an API key. The key is `app:key`. */
const KEY_HEADERS = ["DD-API-KEY", "X-Amz-Firehose-Access-Key"] as const;

/** Query parameters in which clients of other services send an API key or a token. */
const KEY_PARAMETERS = ["dd-api-key", "token"] as const;

/** Datadog's older path has the key in it. */
const KEY_PATH = /^\/v1\/input\/([^/]+)$/;

const decodePath = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/** `app:key` of a request, in the form in which its client sends credentials. */
const pairOf = (request: Request): string | undefined => {
  const [, scheme = "", value = ""] =
    /^(Basic|Bearer|ApiKey|Splunk)\s+(\S+)$/i.exec(request.headers.get("Authorization") ?? "") ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      return decodeBasic(value);
    case "apikey":
      return decodeApiKey(value);
    case "bearer":
    case "splunk":
      return value;
  }
  const header = KEY_HEADERS.map((name) => request.headers.get(name)).find((each) => each !== null);
  if (header !== undefined && header !== null) return header;
  const { pathname, searchParams } = new URL(request.url);
  const [, segment] = KEY_PATH.exec(pathname) ?? [];
  if (segment !== undefined) return decodePath(segment);
  const [app, key] = [searchParams.get("app"), searchParams.get("key")];
  if (app !== null && key !== null) return `${app}:${key}`;
  return KEY_PARAMETERS.map((name) => searchParams.get(name)).find((each) => each !== null) ?? undefined;
};

/**
 * The credentials of a request: `{app}:{key}` in an `Authorization` header of the schemes Basic, Bearer, ApiKey or Splunk, in the
 * header of another service's API key, or in the query string for `sendBeacon`, which cannot set headers. With Basic, Splunk's
 * clients send the token as the password of any user; neither an app's id nor its key has a colon.
 */
const appCredentialsOf = (request: Request): { app: string; key: string } | undefined => {
  const [key, app] = (pairOf(request) ?? "").split(":").toReversed();
  return key === undefined || app === undefined || app === "" ? undefined : { app, key };
};

/** Compares two strings in constant time if their lengths are equal. */
const isSame = (left: string, right: string): boolean => {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(left), encoder.encode(right)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
};

/** The app that sent this request. Throws `missing_credentials` or `invalid_credentials`. */
export const authenticateApp = async (
  request: Request,
  store: AppStore,
): Promise<{ readonly app: string; readonly record: AppRecord }> => {
  const credentials = appCredentialsOf(request);
  if (credentials === undefined) throw new FailureError({ kind: "missing_credentials", principal: "app" });
  const record = await findApp(store, credentials.app);
  const hash = await hashSecret(credentials.key);
  const now = Date.now();
  // Every key is compared completely, so that the time taken does not reveal which key is similar.
  const isKnown = record?.keys.map((key) => isSame(key.hash, hash) && !hasExpired(key, now)).includes(true) ?? false;
  if (record === undefined || !isKnown) {
    throw new FailureError({ kind: "invalid_credentials", principal: "app" });
  }
  return { app: credentials.app, record };
};

/** The record of the request's reader token. Throws `missing_credentials` or `invalid_credentials`. */
export const authenticateReader = async (request: Request, store: AppStore): Promise<ReaderRecord> => {
  const token = bearerOf(request);
  if (token === undefined) throw new FailureError({ kind: "missing_credentials", principal: "reader" });
  const reader = await findReader(store, token);
  if (reader === undefined) throw new FailureError({ kind: "invalid_credentials", principal: "reader" });
  return reader;
};

/** The id of the request's reader token. Call it after {@link authenticateReader}. */
export const readTokenId = async (request: Request): Promise<string> =>
  toTokenId(await hashSecret(bearerOf(request) ?? ""));

/** Checks the relay's token against all valid ones: the current one and, during a rotation, the previous one. */
export const assertRelay = async (request: Request, tokens: readonly (string | undefined)[]): Promise<void> => {
  const token = bearerOf(request);
  if (token === undefined) throw new FailureError({ kind: "missing_credentials", principal: "relay" });
  const hash = await hashSecret(token);
  const known = await Promise.all(tokens.filter((each) => each !== undefined).map(hashSecret));
  if (!known.map((each) => isSame(each, hash)).includes(true)) {
    throw new FailureError({ kind: "invalid_credentials", principal: "relay" });
  }
};
