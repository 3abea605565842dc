/**
 * Whether logs may be written to OpenSearch. They may not while an index template is missing, for example because the store has lost all
 * its data, or while the clock of this machine is wrong: their receipts would say `stored`, and searches would not find them.
 *
 * It is module state because all requests of an isolate share the result. The state is plain data: a request must not await a promise of
 * another request, which may end before the promise does.
 */
import type { HealthProblem } from "#contract/api/health.ts";
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { isYounger } from "../is-younger.ts";
import { createWarningLimit, logWarning } from "../logger.ts";
import { settle, toOutcome } from "./settle.ts";
import { toClockProblems, toTemplateProblems } from "./store-problems.ts";

export interface ReadinessPorts {
  /** Names of missing index templates. Rejects when OpenSearch is unavailable. */
  readonly findMissingTemplates: () => Promise<readonly string[]>;
  /** OpenSearch's clock, in milliseconds since 1970. */
  readonly fetchStoreTimeMs: () => Promise<number>;
  /** Whether the clock of this machine can be wrong. That of Cloudflare cannot. */
  readonly mayClockBeWrong: boolean;
}

/** How long a result is valid. */
const MAX_AGE_MS = 2 * SECOND_MS;
/**
 * While another request checks, the last result is valid for this time: shorter than OpenSearch needs to start, so that one that was
 * restarted without its data is checked before the first write, also if no request came in the meantime.
 */
const MAX_EXTENDED_AGE_MS = 4 * SECOND_MS;
/** A check that takes longer than this, more than the timeout of a request to OpenSearch, belonged to a request that was canceled. */
const MAX_CHECK_MS = 25 * SECOND_MS;

/** A clock that is set changes it. It stays the same on Cloudflare. */
const readClockOffset = (): number => Date.now() - performance.now();

export interface StoreReadiness {
  /** Whether logs may be written now. Never rejects. */
  isReady(ports: ReadinessPorts): Promise<boolean>;
  /** The next write needs a new check. Call it when OpenSearch is unavailable, because it may return without its data. */
  suspect(): void;
}

export const createStoreReadiness = (): StoreReadiness => {
  /** Of the last check that found no problem. */
  let passedMs = -Infinity;
  let passedOffset = 0;
  /** Of the check in progress. */
  let startedMs = -Infinity;
  const isWarningDue = createWarningLimit(MINUTE_MS);

  const hasPassedWithin = (nowMs: number, maxMs: number): boolean =>
    isYounger(nowMs, passedMs, maxMs) && Math.abs(readClockOffset() - passedOffset) <= MAX_RELAY_CLOCK_SKEW_MS;

  const warn = ([problem]: readonly HealthProblem[], nowMs: number): void => {
    const reason = problem?.message ?? "OpenSearch does not respond";
    if (isWarningDue(problem?.code ?? "", nowMs)) logWarning("no log is stored", { reason });
  };

  return {
    async isReady({ findMissingTemplates, fetchStoreTimeMs, mayClockBeWrong }) {
      const nowMs = Date.now();
      if (hasPassedWithin(nowMs, MAX_AGE_MS)) return true;
      if (hasPassedWithin(nowMs, MAX_EXTENDED_AGE_MS) && isYounger(nowMs, startedMs, MAX_CHECK_MS)) return true;
      startedMs = nowMs;
      const [templates, time] = await Promise.all([
        // Without the short time limit of the health check: an OpenSearch that is slow can still store.
        toOutcome(findMissingTemplates()),
        mayClockBeWrong ? settle(fetchStoreTimeMs()) : undefined,
      ]);
      startedMs = -Infinity;
      const checkedMs = Date.now();
      const problems = [
        ...toTemplateProblems(templates),
        ...(time === undefined ? [] : toClockProblems(time, checkedMs)),
      ];
      if (problems.length === 0 && templates.ok) {
        [passedMs, passedOffset] = [checkedMs, readClockOffset()];
        return true;
      }
      passedMs = -Infinity;
      warn(problems, checkedMs);
      return false;
    },
    suspect() {
      passedMs = -Infinity;
    },
  };
};

/** The readiness of this isolate. */
export const storeReadiness = createStoreReadiness();
