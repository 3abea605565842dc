/**
 * The settings of the server for one host. Environment variables only: other users can read the arguments of a process.
 * docs/reference/configuration.md lists them all; those of the Worker itself have the same names as on Cloudflare.
 */
import * as z from "zod";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { findEnvProblems } from "../src/find-env-problems.ts";
import { parseNetworks } from "./client-address.ts";
import { RATE_LIMITS } from "./rate-limits.ts";
import type { TlsPaths } from "./tls-files.ts";

const port = z.coerce.number().int().min(0).max(65_535);

const envSchema = z.object({
  /** The listener without TLS, for the relay and for a reverse proxy. */
  SERVER_HOST: z.string().default("127.0.0.1"),
  SERVER_PORT: port.default(8787),
  /** The public listener. It exists if the two paths are set. `::` includes IPv4. */
  SERVER_TLS_HOST: z.string().default("::"),
  SERVER_TLS_PORT: port.default(443),
  /** Path of the certificate in PEM, followed by those of intermediate CAs. */
  SERVER_TLS_CERT: z.string().min(1).optional(),
  SERVER_TLS_KEY: z.string().min(1).optional(),
  SERVER_TLS_RELOAD_SECONDS: z.coerce.number().min(0.01).max(86_400).default(60),
  /** Addresses and networks whose `X-Forwarded-*` headers are used. */
  SERVER_TRUSTED_PROXIES: z.string().default(""),
  /** Directory of the KV file. systemd sets STATE_DIRECTORY. */
  SERVER_STATE_DIR: z.string().min(1).optional(),
  STATE_DIRECTORY: z.string().min(1).optional(),
  SERVER_PAGES_DIR: z.string().min(1).optional(),
  /** Requests of one address in 10 seconds. */
  SERVER_ADDRESS_LIMIT: z.coerce.number().int().min(1).default(RATE_LIMITS.RATE_ADDRESS),
  /** How long a stop waits for requests in progress. */
  SERVER_DRAIN_SECONDS: z.coerce.number().min(0).max(300).default(25),
  SERVER_MAX_CONNECTIONS: z.coerce.number().int().min(1).default(10_000),
  /** `request`: cron lines run when `/cdn-cgi/local/scheduled` is requested. For tests. */
  SERVER_CRONS: z.enum(["schedule", "request"]).default("schedule"),
  OPENSEARCH_URL: z.string().default(""),
  OPENSEARCH_USERNAME: z.string().min(1).optional(),
  OPENSEARCH_PASSWORD: z.string().min(1).optional(),
  /** Path of a private CA's certificate in PEM. */
  OPENSEARCH_CA: z.string().min(1).optional(),
});

/** Variables of the Worker, passed on as they are. */
const WORKER_VARIABLES = [
  "BROKER_URL",
  "RELAY_TOKEN",
  "RELAY_TOKEN_PREVIOUS",
  "TAIL_PASSWORD",
  "LEGACY_APP",
  "LONG_INDICES_FROM",
  "RETENTION_MAX_DISK_PERCENT",
  "RETENTION_MAX_BYTES",
  "ALLOW_PRIVATE_WEBHOOKS",
  "ALLOW_LOOPBACK_WEBHOOKS",
  "DEMO_CONFIG",
] as const;

/** An entry of KV takes microseconds to read here. A changed key or token is effective within one second. */
const DEFAULT_APP_CACHE_SECONDS = "1";

/** The variables of the Worker's environment that are strings. */
export type WorkerVariables = Readonly<Record<"OPENSEARCH_URL" | "BROKER_URL" | "RELAY_TOKEN", string>> &
  Readonly<Partial<Record<(typeof WORKER_VARIABLES)[number] | "APP_CACHE_SECONDS", string>>>;

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly tls:
    | { readonly host: string; readonly port: number; readonly paths: TlsPaths; readonly reloadMs: number }
    | undefined;
  readonly trustedProxies: ReturnType<typeof parseNetworks>;
  readonly stateDir: string;
  /** Default: no pages. */
  readonly pagesDir?: string;
  readonly addressLimit: number;
  readonly drainMs: number;
  readonly maxConnections: number;
  readonly areCronsScheduled: boolean;
  /** Path of a private CA's certificate. */
  readonly ca: string | undefined;
  readonly worker: WorkerVariables;
}

type Variables = Readonly<Record<string, string | undefined>>;

const fail = (problems: readonly string[]): never => {
  throw new Error(`Invalid configuration: ${problems.join("; ")}`);
};

/** Adds user and password to the URL. Special characters are encoded. */
const toStoreUrl = (url: string, username: string | undefined, password: string | undefined): string => {
  if (username === undefined || password === undefined || !URL.canParse(url)) return url;
  const store = new URL(url);
  store.username = encodeURIComponent(username);
  store.password = encodeURIComponent(password);
  return store.href;
};

const toNetworks = (text: string): ReturnType<typeof parseNetworks> => {
  try {
    return parseNetworks(text);
  } catch {
    return fail(["SERVER_TRUSTED_PROXIES (an address or network is not valid)"]);
  }
};

/** Throws an error with the names of missing or invalid variables, but without their values. */
export const parseServerConfig = (sent: Variables): ServerConfig => {
  const variables = omitEmpty(sent);
  const parsed = envSchema.safeParse(variables);
  if (!parsed.success) {
    return fail(parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.message})`));
  }
  const env = parsed.data;
  const worker = {
    ...Object.fromEntries(
      WORKER_VARIABLES.flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
    ),
    OPENSEARCH_URL: toStoreUrl(env.OPENSEARCH_URL, env.OPENSEARCH_USERNAME, env.OPENSEARCH_PASSWORD),
    APP_CACHE_SECONDS: variables["APP_CACHE_SECONDS"] ?? DEFAULT_APP_CACHE_SECONDS,
  } as WorkerVariables;
  const problems = findEnvProblems(worker);
  if (problems.length > 0) return fail([`${problems.join(", ")} missing or malformed`]);
  if ((env.SERVER_TLS_CERT === undefined) !== (env.SERVER_TLS_KEY === undefined)) {
    return fail(["SERVER_TLS_CERT and SERVER_TLS_KEY must be set together"]);
  }
  const stateDir = env.SERVER_STATE_DIR ?? env.STATE_DIRECTORY?.split(":")[0];
  if (stateDir === undefined) return fail(["SERVER_STATE_DIR (missing)"]);
  return {
    host: env.SERVER_HOST,
    port: env.SERVER_PORT,
    tls:
      env.SERVER_TLS_CERT === undefined || env.SERVER_TLS_KEY === undefined
        ? undefined
        : {
            host: env.SERVER_TLS_HOST,
            port: env.SERVER_TLS_PORT,
            paths: { cert: env.SERVER_TLS_CERT, key: env.SERVER_TLS_KEY },
            reloadMs: env.SERVER_TLS_RELOAD_SECONDS * 1_000,
          },
    trustedProxies: toNetworks(env.SERVER_TRUSTED_PROXIES),
    stateDir,
    ...(env.SERVER_PAGES_DIR === undefined ? {} : { pagesDir: env.SERVER_PAGES_DIR }),
    addressLimit: env.SERVER_ADDRESS_LIMIT,
    drainMs: env.SERVER_DRAIN_SECONDS * 1_000,
    maxConnections: env.SERVER_MAX_CONNECTIONS,
    areCronsScheduled: env.SERVER_CRONS === "schedule",
    ca: env.OPENSEARCH_CA,
    worker,
  };
};
