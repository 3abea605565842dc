import type { Tuning } from "../../../web-client/logger/index.ts";

/** Waits so short that a test of retries takes no time. */
export const FAST: Partial<Tuning> = { maxAgeMs: 10, retryBaseMs: 5, maxRetryMs: 20, deniedRetryMs: 20 };
