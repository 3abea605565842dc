/**
 * Rate limits for a Worker without Cloudflare. Like those of Cloudflare they count in fixed periods, in the memory of this
 * process: a restart begins at 0.
 */
/** Requests in one period, for each rate limit binding. Equal to wrangler.toml; worker/tests/node.test.ts compares them. */
export const RATE_LIMITS = {
  RATE_ADDRESS: 300,
  RATE_APP_LOW: 100,
  RATE_APP_STANDARD: 2_000,
  RATE_APP_HIGH: 20_000,
} as const;

export const RATE_PERIOD_SECONDS = 10;

/** Bounds the memory of one limiter, to about 10 MB. Above this number of keys in a period, further ones are not limited. */
const MAX_KEYS = 100_000;

/** The part of a rate limit binding that the Worker uses. */
interface RateLimiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** @param now Milliseconds since 1970. */
export const createRateLimiter = (limit: number, now: () => number = Date.now): RateLimiter => {
  let counts = new Map<string, number>();
  let period = 0;
  return {
    async limit({ key }) {
      const current = Math.floor(now() / (RATE_PERIOD_SECONDS * 1_000));
      if (current !== period) {
        period = current;
        counts = new Map();
      }
      const count = (counts.get(key) ?? 0) + 1;
      if (count === 1 && counts.size >= MAX_KEYS) return { success: true };
      counts.set(key, count);
      return { success: count <= limit };
    },
  };
};
