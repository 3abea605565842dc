import type { Tuning } from "../../../web-client/logger/index.ts";

/** Short delays, so that tests of retries are fast. */
export const FAST: Partial<Tuning> = { maxAgeMs: 10, retryBaseMs: 5, maxRetryMs: 20, deniedRetryMs: 20 };
