/**
 * Keeps a fraction of the events, by severity and by session. Used as `beforeSend`.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { BeforeSend } from "../logger.ts";

/** Fractions from 0 (none) to 1 (all). */
export interface SamplerOptions {
  /** Fraction of the events of each severity. Default: 1. */
  readonly severities?: Partial<Record<Severity, number>>;
  /**
   * Fraction of the sessions. The decision is the same on all pages of a session. `error` and `fatal` events of all
   * sessions are kept. Default: 1.
   */
  readonly sessions?: number;
}

/**
 * Creates a `beforeSend` that samples. Events that are not kept are counted as dropped with reason `before_send`.
 *
 * @example
 * createLogger({ app, key, beforeSend: createSampler({ severities: { debug: 0.1 }, sessions: 0.5 }) });
 */
export const createSampler =
  ({ severities = {}, sessions = 1 }: SamplerOptions): BeforeSend =>
  (record, sessionId) => {
    const { severity } = record;
    const isUrgent = severity === "error" || severity === "fatal";
    // The end of a UUIDv7 is random.
    const position = Number.parseInt(sessionId.slice(-8), 16) / 2 ** 32;
    return (isUrgent || position < sessions) && Math.random() < (severities[severity] ?? 1) ? record : null;
  };
