/**
 * Rate limits by address and by app. Cloudflare counts in each of its locations separately, so the limits in wrangler.toml
 * apply per location. MQTT clients are limited by the broker's queue instead.
 */
import type { AppRecord } from "#contract/store/app-record.ts";
import type { Env, RateLimiter } from "../env.ts";
import { FailureError } from "../failure.ts";
import { hashSecret } from "./apps.ts";

/** `Retry-After` in seconds. Equal to the period of the limits in wrangler.toml. */
const RETRY_AFTER_SECONDS = 10;

const LOOPBACK = new Set(["127.0.0.1", "::1"]);

/** An IPv6 /64 network usually belongs to one subscriber, so it counts as one address. */
const toNetwork = (address: string): string => {
  if (!address.includes(":")) return address;
  const [left = "", right] = address.split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const groups =
    right === undefined
      ? before
      : [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill("0"), ...after];
  return `${groups.slice(0, 4).join(":")}::/64`;
};

const assertBelow = async (limiter: RateLimiter, key: string, scope: "address" | "app"): Promise<void> => {
  const { success } = await limiter.limit({ key });
  if (!success) throw new FailureError({ kind: "rate_limited", scope, retryAfterSeconds: RETRY_AFTER_SECONDS });
};

/** Limits the requests of one address, before the body is read. Loopback is exempt. */
export const limitAddress = async (request: Request, env: Env): Promise<void> => {
  const address = request.headers.get("CF-Connecting-IP");
  if (address === null || LOOPBACK.has(address)) return;
  await assertBelow(env.RATE_ADDRESS, toNetwork(address), "address");
};

/** Limits the requests of one app by its rate class. */
export const limitApp = async (app: string, { rate }: AppRecord, env: Env): Promise<void> => {
  if (rate === "unlimited") return;
  const limiters = { low: env.RATE_APP_LOW, standard: env.RATE_APP_STANDARD, high: env.RATE_APP_HIGH };
  await assertBelow(limiters[rate], app, "app");
};

/** Whether this token has opened too many live tails recently. Each tail is a separate connection to the broker. */
export const isTailRateLimited = async (token: string, env: Env): Promise<boolean> =>
  !(await env.RATE_APP_LOW.limit({ key: `tail:${await hashSecret(token)}` })).success;
