/**
 * The Worker's own log: one JSON line per warning, visible in `wrangler tail`. Never contains a payload, a key or a URL
 * with a password.
 */
import { isYounger } from "./is-younger.ts";

export const logWarning = (message: string, fields: Readonly<Record<string, string | number>> = {}): void => {
  // oxlint-disable-next-line no-console -- stdout is the log of a Worker
  console.warn(JSON.stringify({ level: "warn", message, ...fields }));
};

/** A limit of subjects, so that strangers cannot fill the memory. */
const MAX_SUBJECTS = 1_000;

/**
 * Limits a warning that strangers can cause with each request. Returns a function whose result is whether a warning about a subject, for example
 * an app, is due. Create it once in an isolate.
 *
 * @param intervalMs Minimum time between two warnings about a subject.
 */
export const createWarningLimit = (intervalMs: number): ((subject: string, nowMs: number) => boolean) => {
  const lastMs = new Map<string, number>();
  return (subject, nowMs) => {
    if (isYounger(nowMs, lastMs.get(subject) ?? Number.NEGATIVE_INFINITY, intervalMs)) return false;
    if (lastMs.size >= MAX_SUBJECTS) lastMs.clear();
    lastMs.set(subject, nowMs);
    return true;
  };
};
