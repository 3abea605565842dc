/** Variables of the Worker in benchmarks: the cache that it has in production. Other local stacks read each entry from KV. */
export const WORKER_ENV = { APP_CACHE_SECONDS: "30" } as const;
