/**
 * Keeps a share of the events, as a `beforeSend`: of a severity, and of the sessions.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { BeforeSend } from "../logger.ts";

/** Shares from 0 to 1. */
export interface SamplerOptions {
  /** Of the events of a severity, e.g. `{ debug: 0.1 }`; default 1. */
  readonly severities?: Partial<Record<Severity, number>>;
  /** Of the sessions; all pages of one decide alike. `error` and `fatal` are always kept. Default 1. */
  readonly sessions?: number;
}

/** What it leaves out is counted as dropped by `before_send`. */
export const createSampler =
  ({ severities = {}, sessions = 1 }: SamplerOptions): BeforeSend =>
  (record, sessionId) => {
    const { severity } = record;
    const isUrgent = severity === "error" || severity === "fatal";
    // The random end of the session's id.
    const place = Number.parseInt(sessionId.slice(-8), 16) / 2 ** 32;
    return (isUrgent || place < sessions) && Math.random() < (severities[severity] ?? 1) ? record : null;
  };
