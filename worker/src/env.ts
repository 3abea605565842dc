/**
 * What the runtime hands to the Worker, checked once a request: a deployment with a missing binding says so by name.
 */
import * as z from "zod";

/** Bindings and secrets as wrangler.toml and `wrangler secret put` define them. */
export interface Env {
  /** Apps and reader tokens; see apps.ts for the shape of the values. */
  readonly APPS: KVNamespace;
  /** URL of OpenSearch, with user and password in it where it asks for them. */
  readonly OPENSEARCH_URL: string;
  /** URL of the broker's plain WebSocket listener, `http://` or `https://`. */
  readonly BROKER_URL: string;
  /** What the relay shows at `POST /relay`. */
  readonly RELAY_TOKEN: string;
  /** What the relay showed before, while it may still be on its way to the new one. */
  readonly RELAY_TOKEN_PREVIOUS?: string;
  /** Password of the broker's user `_tail`. Absent: there are no live tails. */
  readonly TAIL_PASSWORD?: string;
  /** Requests of one address, and of one app by its rate class. */
  readonly RATE_ADDRESS: RateLimit;
  readonly RATE_APP_LOW: RateLimit;
  readonly RATE_APP_STANDARD: RateLimit;
  readonly RATE_APP_HIGH: RateLimit;
  /** App that messages of existing flutter_logs apps belong to, which have no name of their own. Absent: refused. */
  readonly LEGACY_APP?: string;
  /** `true` lets alerts call http and private addresses, in development only. */
  readonly ALLOW_PRIVATE_WEBHOOKS?: string;
  /** `{"app","key","mqttWssUrl"}` for the demo page, in development only. */
  readonly DEMO_CONFIG?: string;
}

/** Whether webhooks may point inside. */
export const isPrivateWebhookAllowed = (env: Env): boolean => env.ALLOW_PRIVATE_WEBHOOKS === "true";

const envSchema = z.object({
  OPENSEARCH_URL: z.url(),
  BROKER_URL: z.url(),
  RELAY_TOKEN: z.string().min(32),
  RELAY_TOKEN_PREVIOUS: z.string().min(32).optional(),
  TAIL_PASSWORD: z.string().min(32).optional(),
});

/** Throws with the names of what is missing: a mistake of deployment, which must not pass as an outage. */
export const assertEnv = (env: Env): void => {
  const checked = envSchema.safeParse(env);
  if (checked.success) return;
  const names = checked.error.issues.map((issue) => issue.path.join("."));
  throw new Error(`Worker misconfigured: ${names.join(", ")} missing or malformed; see wrangler.toml`);
};
