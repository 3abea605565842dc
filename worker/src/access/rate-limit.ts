/**
 * Refuses who comes too often: an address, and an app. Cloudflare counts in each of its places by itself, so the limits in
 * wrangler.toml are those of one place. Senders over MQTT are bounded by the broker's queue instead.
 */
import type { AppRecord } from "#contract/store/app-record.ts";
import { hashSecret } from "./apps.ts";
import type { Env } from "../env.ts";
import { ProblemError } from "../http/problem.ts";

/** The period of the limits in wrangler.toml. */
const RETRY_AFTER_SECONDS = 10;

const LOOPBACK = new Set(["127.0.0.1", "::1"]);

/** A network of IPv6 belongs to one sender, who has all its addresses. */
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

const assertBelow = async (limiter: RateLimit, key: string, who: string): Promise<void> => {
  const { success } = await limiter.limit({ key });
  if (success) return;
  throw new ProblemError({
    status: 429,
    reason: "rate_limited",
    detail: `Too many requests ${who}. Send larger batches, less often.`,
    headers: { "Retry-After": String(RETRY_AFTER_SECONDS) },
  });
};

/** Bounds what one address may ask, before anything is read for it. This machine itself is no stranger. */
export const limitAddress = async (request: Request, env: Env): Promise<void> => {
  const address = request.headers.get("CF-Connecting-IP");
  if (address === null || LOOPBACK.has(address)) return;
  await assertBelow(env.RATE_ADDRESS, toNetwork(address), "from this address");
};

/** Bounds what one app may send. */
export const limitApp = async (app: string, { rate }: AppRecord, env: Env): Promise<void> => {
  if (rate === "unlimited") return;
  const limiters = { low: env.RATE_APP_LOW, standard: env.RATE_APP_STANDARD, high: env.RATE_APP_HIGH };
  await assertBelow(limiters[rate], app, "of this app");
};

/** Whether this token opens tails too often: each is a connection to the broker of its own. */
export const isTailTooOften = async (token: string, env: Env): Promise<boolean> =>
  !(await env.RATE_APP_LOW.limit({ key: `tail:${await hashSecret(token)}` })).success;
