/** Settings of an index whose size is measured: OpenSearch otherwise reports a size that it computed up to 10 seconds before. */
export const FRESH_SIZES = { "store.stats_refresh_interval": "0s" } as const;
