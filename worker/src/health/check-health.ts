/**
 * Checks once whether logs can be stored and searched. Takes at most `CHECK_TIMEOUT_MS`, even if a service does not respond.
 */
import type { Health, HealthProblem } from "#contract/api/health.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { isYounger } from "../is-younger.ts";
import type { ClusterState } from "../opensearch/cluster-state.ts";
import { settle, type Outcome } from "./settle.ts";
import { toClockProblems, toTemplateProblems } from "./store-problems.ts";
import type { ReadinessPorts } from "./store-readiness.ts";

export interface HealthPorts extends ReadinessPorts {
  /** Rejects when OpenSearch is unavailable. */
  readonly fetchClusterState: () => Promise<ClusterState>;
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

/**
 * KV, clock, templates and usage are checked less often than the cluster: KV reads cost money, and the others change slowly. A problem is
 * checked again each time, so that its end is reported soon, and so are all after OpenSearch was unavailable.
 */
const SLOW_INTERVAL_MS = MINUTE_MS;

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
  const [apps, time, templates, near] = await Promise.all([
    settle(ports.hasApps()),
    settle(ports.fetchStoreTimeMs()).then((outcome) => ({ outcome, nowMs: Date.now() })),
    settle(ports.findMissingTemplates()),
    settle(ports.countAppsNearQuota()),
  ]);
  return [
    ...toAppProblems(apps),
    ...toTemplateProblems(templates),
    ...toClockProblems(time.outcome, time.nowMs),
    ...toQuotaProblems(near),
  ];
};

/** Problems with which no log can be stored. */
const FATAL: ReadonlySet<string> = new Set([
  "opensearch_unavailable",
  "cluster_blocked",
  "apps_unreadable",
  "templates_missing",
]);

/** Problems that leave the status `ok`: every app that reaches its quota causes them, also because a stranger uses its public key. */
const WARNINGS: ReadonlySet<string> = new Set(["quota_warning"]);

const toStatus = (problems: readonly HealthProblem[], mayClockBeWrong: boolean): Health["status"] => {
  const isFatal = (code: string): boolean => FATAL.has(code) || (mayClockBeWrong && code === "clock_skew");
  if (problems.some(({ code }) => isFatal(code))) return "down";
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
    previous.health.opensearch === "up" &&
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
    status: toStatus(problems, ports.mayClockBeWrong),
    opensearch: state.ok ? "up" : "down",
    ...(state.ok ? { cluster: state.value.cluster } : {}),
    checkedAt: new Date(nowMs).toISOString(),
    problems,
  };
  return { health, checkedMs: nowMs, slow };
};
