/**
 * Checks once whether logs can be stored and searched. Takes at most {@link CHECK_TIMEOUT_MS}, even if a service does not respond.
 */
import type { Health, HealthProblem } from "#contract/api/health.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { isYounger } from "../is-younger.ts";
import type { ClusterState } from "../opensearch/cluster-state.ts";

export interface HealthPorts {
  /** Rejects when OpenSearch is unavailable. */
  readonly fetchClusterState: () => Promise<ClusterState>;
  /** OpenSearch's clock, in milliseconds since 1970. */
  readonly fetchStoreTimeMs: () => Promise<number>;
  /** Whether KV has the entry of an app. */
  readonly hasApps: () => Promise<boolean>;
  /** Number of apps that have used more than 80 % of their quota of the day. */
  readonly countAppsNearQuota: () => Promise<number>;
}

/** The result of a check, and of the slow checks it includes. */
export interface HealthCheck {
  readonly health: Health;
  readonly checkedMs: number;
  readonly slow: { readonly problems: readonly HealthProblem[]; readonly checkedMs: number };
}

/** `GET /healthz` responds within 2 seconds. */
const CHECK_TIMEOUT_MS = 1_500;

/**
 * KV, clock and usage are checked less often than the cluster: KV reads cost money, and the others change slowly. A problem is
 * checked again each time, so that its end is reported soon.
 */
const SLOW_INTERVAL_MS = MINUTE_MS;

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** Never rejects. */
const settle = async <T>(work: Promise<T>): Promise<Outcome<T>> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Outcome<T>>((done) => {
    timer = setTimeout(() => done({ ok: false }), CHECK_TIMEOUT_MS);
  });
  const outcome = work.then(
    (value) => ({ ok: true, value }) as const,
    () => ({ ok: false }) as const,
  );
  try {
    return await Promise.race([outcome, timeout]);
  } finally {
    clearTimeout(timer);
  }
};

const toClockProblems = (outcome: Outcome<number>, nowMs: number): readonly HealthProblem[] => {
  if (!outcome.ok || Math.abs(outcome.value - nowMs) <= MAX_RELAY_CLOCK_SKEW_MS) return [];
  const seconds = Math.round(Math.abs(outcome.value - nowMs) / 1_000);
  return [{ code: "clock_skew", message: `The clocks of the Worker and of OpenSearch differ by ${seconds} seconds.` }];
};

const toAppProblems = (outcome: Outcome<boolean>): readonly HealthProblem[] => {
  if (!outcome.ok) return [{ code: "apps_unreadable", message: "The KV namespace APPS cannot be read." }];
  if (outcome.value) return [];
  const message = "The KV namespace APPS has no app. Create an app, or restore the entries if they were lost.";
  return [{ code: "apps_missing", message }];
};

const toQuotaProblems = (outcome: Outcome<number>): readonly HealthProblem[] => {
  if (!outcome.ok || outcome.value === 0) return [];
  const apps = outcome.value === 1 ? "1 app has" : `${outcome.value} apps have`;
  const message = `${apps} used more than 80 % of the quota of the day. \`npm run app -- usage\` lists them.`;
  return [{ code: "quota_warning", message }];
};

const checkSlow = async (ports: HealthPorts): Promise<readonly HealthProblem[]> => {
  const [apps, time, near] = await Promise.all([
    settle(ports.hasApps()),
    settle(ports.fetchStoreTimeMs()).then((outcome) => ({ outcome, nowMs: Date.now() })),
    settle(ports.countAppsNearQuota()),
  ]);
  return [...toAppProblems(apps), ...toClockProblems(time.outcome, time.nowMs), ...toQuotaProblems(near)];
};

/** Problems with which no log can be stored. */
const FATAL: ReadonlySet<string> = new Set(["opensearch_unavailable", "cluster_blocked", "apps_unreadable"]);

/** Problems that leave the status `ok`: every app that reaches its quota causes them, also because a stranger uses its public key. */
const WARNINGS: ReadonlySet<string> = new Set(["quota_warning"]);

const toStatus = (problems: readonly HealthProblem[]): Health["status"] => {
  if (problems.some(({ code }) => FATAL.has(code))) return "down";
  return problems.every(({ code }) => WARNINGS.has(code)) ? "ok" : "degraded";
};

/** Never rejects. @param previous The last check, whose slow checks may still be valid; `undefined` to repeat them. */
export const checkHealth = async (
  ports: HealthPorts,
  previous: HealthCheck | undefined,
  nowMs: number,
): Promise<HealthCheck> => {
  const isSlowValid =
    previous !== undefined &&
    previous.slow.problems.length === 0 &&
    isYounger(nowMs, previous.slow.checkedMs, SLOW_INTERVAL_MS);
  const [state, slow] = await Promise.all([
    settle(ports.fetchClusterState()),
    isSlowValid ? previous.slow : checkSlow(ports).then((problems) => ({ problems, checkedMs: nowMs })),
  ]);
  const unavailable: HealthProblem = {
    code: "opensearch_unavailable",
    message: "OpenSearch does not respond, or has no cluster manager. No log is stored.",
  };
  const problems = [...(state.ok ? state.value.problems : [unavailable]), ...slow.problems];
  const health: Health = {
    status: toStatus(problems),
    opensearch: state.ok ? "up" : "down",
    ...(state.ok ? { cluster: state.value.cluster } : {}),
    checkedAt: new Date(nowMs).toISOString(),
    problems,
  };
  return { health, checkedMs: nowMs, slow };
};
