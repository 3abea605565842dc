/**
 * The latest health check of this isolate. It is module state because `/healthz` needs no credentials: without a cache
 * that all requests share, each request of a stranger would become requests to OpenSearch and KV.
 *
 * The state is plain data. A request must not await a promise of another request, which may end before the promise does.
 */
import type { Health } from "#contract/api/health.ts";
import { delay } from "../delay.ts";
import { isYounger } from "../is-younger.ts";
import { logWarning } from "../logger.ts";
import { checkHealth, type HealthCheck, type HealthPorts } from "./check-health.ts";

/** How long a result is valid. */
const MAX_AGE_MS = 10_000;

/** A check that takes longer than this belonged to a request that was canceled. */
const MAX_CHECK_MS = 5_000;

/** While another request checks, a request without an earlier result waits for at most this time. */
const MAX_WAIT_MS = 1_800;
const POLL_MS = 50;

const toSummary = ({ status, problems }: Health): string =>
  [status, ...problems.flatMap(({ code, indices = [] }) => [code, ...indices])].join(" ");

export interface CachedHealth {
  /** The health, at most 10 seconds old unless a check is in progress. Takes at most 2 seconds. Never rejects. */
  get(ports: HealthPorts, waitUntil: (work: Promise<unknown>) => void): Promise<Health>;
  /** The next check includes KV. Call it when an app is missing there. */
  suspectApps(): void;
}

export const createCachedHealth = (): CachedHealth => {
  let latest: HealthCheck | undefined;
  let startedMs: number | undefined;
  let areAppsSuspected = false;

  /** Logs each change once. The first result is logged only if there is a problem. */
  const store = (next: HealthCheck): void => {
    const before = latest === undefined ? "ok" : toSummary(latest.health);
    latest = next;
    startedMs = undefined;
    const { status, problems } = next.health;
    if (toSummary(next.health) === before) return;
    logWarning("health changed", { status, problems: problems.map(({ message }) => message).join(" ") });
  };

  const waitForResult = async (sinceMs: number): Promise<Health> => {
    while (isYounger(Date.now(), sinceMs, MAX_WAIT_MS)) {
      await delay(POLL_MS);
      if (latest !== undefined) return latest.health;
    }
    const message = "OpenSearch did not respond to the health check in time.";
    return {
      status: "down",
      opensearch: "down",
      checkedAt: new Date(sinceMs).toISOString(),
      problems: [{ code: "opensearch_unavailable", message }],
    };
  };

  return {
    async get(ports, waitUntil) {
      const nowMs = Date.now();
      if (latest !== undefined && isYounger(nowMs, latest.checkedMs, MAX_AGE_MS)) return latest.health;
      if (startedMs !== undefined && isYounger(nowMs, startedMs, MAX_CHECK_MS)) {
        return latest?.health ?? (await waitForResult(nowMs));
      }
      startedMs = nowMs;
      const check = checkHealth(ports, areAppsSuspected ? undefined : latest, nowMs);
      areAppsSuspected = false;
      const stored = check.then(store);
      // The check also ends when the client closes the connection, and the next request finds its result.
      waitUntil(stored);
      await stored;
      return (await check).health;
    },
    suspectApps() {
      areAppsSuspected = true;
    },
  };
};

/** The health of this isolate. */
export const cachedHealth = createCachedHealth();
