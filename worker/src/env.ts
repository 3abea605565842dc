/**
 * The Worker's bindings, variables and secrets. They are checked so that an incomplete deployment reports the missing name.
 */
import type { AppStore } from "./access/apps.ts";
import type { ErasureStore } from "./erase/erase-user.ts";
import { DEFAULT_PERIODS, type IndexPeriods } from "#contract/store/index-period.ts";
import type { SizeLimits } from "./retention/plan-retention.ts";
import { findEnvProblems } from "./find-env-problems.ts";
import { createStoreClient, type StoreClient } from "./opensearch/client.ts";
import type { WebhookFetcher, WebhookPolicy } from "./alerts/channels/webhook-url.ts";
import type { SocketPort } from "./tail/socket-port.ts";

/** The part of a KV namespace that the Worker uses. */
export interface AppEntries extends AppStore, ErasureStore {
  list(options: { readonly prefix: string; readonly limit: number }): Promise<{ readonly keys: readonly unknown[] }>;
}

/** The part of a rate limit binding that the Worker uses. */
export interface RateLimiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** Bindings of wrangler.toml, and secrets set with `wrangler secret put`. Without Cloudflare: worker/node/. */
export interface Env {
  /** Apps and reader tokens. The shapes of the values are in contract/store/app-record.ts. */
  readonly APPS: AppEntries;
  /** URL of OpenSearch, with user and password if the cluster requires them. */
  readonly OPENSEARCH_URL: string;
  /** URL of the broker's plain WebSocket listener, `http://` or `https://`. */
  readonly BROKER_URL: string;
  /** A VPC service or an mTLS certificate through which OpenSearch is reached. Default: the internet. */
  readonly OPENSEARCH?: Fetcher;
  /** The same for the broker. */
  readonly BROKER?: Fetcher;
  /** Service token of Cloudflare Access, sent to OpenSearch and to the broker. Both or neither must be set. */
  readonly ACCESS_CLIENT_ID?: string;
  readonly ACCESS_CLIENT_SECRET?: string;
  /** The relay's token for `POST /relay`, at least 32 characters. */
  readonly RELAY_TOKEN: string;
  /** The previous relay token, also accepted while the token is rotated. */
  readonly RELAY_TOKEN_PREVIOUS?: string;
  /** Password of the broker's user `_tail`, at least 32 characters. Without it live tails are unavailable. */
  readonly TAIL_PASSWORD?: string;
  /** Rate limit of requests per address. */
  readonly RATE_ADDRESS: RateLimiter;
  /** Rate limits of requests per app, by the rate class of the app. */
  readonly RATE_APP_LOW: RateLimiter;
  readonly RATE_APP_STANDARD: RateLimiter;
  readonly RATE_APP_HIGH: RateLimiter;
  /** The clock is that of a machine, and not Cloudflare's. Set by worker/node/ only. */
  readonly MAY_CLOCK_BE_WRONG?: true;
  /** Accepts and opens WebSockets. Set by worker/node/ only; default: those of workerd. */
  readonly SOCKETS?: SocketPort;
  /** Sends the requests of alerts. Set by worker/node/ only; default: the global `fetch`. */
  readonly WEBHOOKS?: WebhookFetcher;
  /** How long an isolate uses an entry of APPS again, in seconds. Default: 30. */
  readonly APP_CACHE_SECONDS?: string;
  /**
   * Day in UTC, `2027-01-31`. Events from this day on are in indices of a week (90 days of retention) or a month (365 days). Change it only
   * to a day after tomorrow. Default: 2026-11-01.
   */
  readonly LONG_INDICES_FROM?: string;
  /** At this share of a disk of OpenSearch, the oldest indices are deleted before their retention ends. Default: they are not. */
  readonly RETENTION_MAX_DISK_PERCENT?: string;
  /** The same for the size of all indices of logs and rejected events, in bytes. */
  readonly RETENTION_MAX_BYTES?: string;
  /** The app that messages of existing flutter_logs clients belong to; they carry no app id. Default: they are rejected. */
  readonly LEGACY_APP?: string;
  /** `true` lets webhooks use http and private addresses. For development only. */
  readonly ALLOW_PRIVATE_WEBHOOKS?: string;
  /** `true` lets webhooks use http and every port on loopback addresses. For development only; set by `npm start`. */
  readonly ALLOW_LOOPBACK_WEBHOOKS?: string;
  /** `{"app","key","mqttWssUrl"}` for the demo page. For development only. */
  readonly DEMO_CONFIG?: string;
}

/**
 * The hosts that webhooks may use: not those of OpenSearch, the broker and the Worker.
 *
 * @param requestUrl URL of the current request, which contains the Worker's host. Absent in a cron job.
 */
export const toWebhookPolicy = (env: Env, requestUrl?: string): WebhookPolicy => ({
  isLoopbackAllowed: env.ALLOW_LOOPBACK_WEBHOOKS === "true",
  isPrivateAllowed: env.ALLOW_PRIVATE_WEBHOOKS === "true",
  fetcher: env.WEBHOOKS,
  ownHosts: [env.OPENSEARCH_URL, env.BROKER_URL, requestUrl ?? ""].flatMap((url) =>
    URL.canParse(url) ? [new URL(url).hostname] : [],
  ),
});

/** Headers for a proxy in front of OpenSearch and the broker. Empty without a service token. */
const toAccessHeaders = ({ ACCESS_CLIENT_ID, ACCESS_CLIENT_SECRET }: Env): Readonly<Record<string, string>> =>
  ACCESS_CLIENT_ID === undefined || ACCESS_CLIENT_SECRET === undefined
    ? {}
    : { "CF-Access-Client-Id": ACCESS_CLIENT_ID, "CF-Access-Client-Secret": ACCESS_CLIENT_SECRET };

const storeClients = new WeakMap<Env, StoreClient>();

/**
 * The client of OpenSearch: through the binding OPENSEARCH if there is one, with the service token if there is one. All requests
 * of an isolate have the same `env` and share a client: creating one takes a quarter of the CPU time of a small request.
 */
export const getStoreClient = (env: Env): StoreClient => {
  const existing = storeClients.get(env);
  if (existing !== undefined) return existing;
  const { OPENSEARCH: binding } = env;
  const client = createStoreClient({
    url: env.OPENSEARCH_URL,
    fetch: binding === undefined ? undefined : (url, init) => binding.fetch(url, init),
    headers: toAccessHeaders(env),
  });
  storeClients.set(env, client);
  return client;
};

/** Which events are in indices of a week or a month. */
export const toIndexPeriods = ({ LONG_INDICES_FROM: from }: Env): IndexPeriods =>
  from === undefined ? DEFAULT_PERIODS : { longFromMs: Date.parse(from) };

/** The limits above which indices are deleted before their retention ends. */
export const toSizeLimits = (env: Env): SizeLimits => ({
  ...(env.RETENTION_MAX_DISK_PERCENT === undefined
    ? {}
    : { maxDiskShare: Number(env.RETENTION_MAX_DISK_PERCENT) / 100 }),
  ...(env.RETENTION_MAX_BYTES === undefined ? {} : { maxBytes: Number(env.RETENTION_MAX_BYTES) }),
});

/** Sends a request to the broker, in the same way. */
export const fetchBroker = (env: Env, headers: Readonly<Record<string, string>>): Promise<Response> =>
  (env.BROKER ?? globalThis).fetch(env.BROKER_URL, {
    headers: { ...headers, ...toAccessHeaders(env) },
    redirect: "manual",
  });

/** Throws with the names of missing or malformed settings. */
export const assertEnv = (env: Env): void => {
  const names = findEnvProblems({ ...env });
  if (names.length === 0) return;
  throw new Error(`Worker misconfigured: ${names.join(", ")} missing or malformed; see wrangler.toml`);
};
