/** Checks the relay and the cron jobs. */
import * as z from "zod";
import type { HealthProblemCode } from "#contract/api/health.ts";
import { usageResponseSchema } from "#contract/api/usage.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { failed, passed, skipped, toUnexpected, warned, type Finding } from "../lib/finding.ts";
import { parseAs } from "./parse-response.ts";
import type { Probe } from "./probe.ts";
import type { DoctorTarget } from "./target.ts";

const relaySchema = z.object({
  status: z.enum(["ok", "degraded", "stalled", "disconnected"]),
  problems: z.array(z.string()),
  lastFailure: z.object({ failure: z.string(), app: z.string().optional() }).optional(),
});

const PROBLEMS: Readonly<Record<string, string>> = {
  disconnected: "it has no session at the broker: is the broker running, and RELAY_BROKER_PASSWORD correct?",
  stalled: "a message has been waiting for more than a minute: see `lastFailure` and docs/operate/troubleshooting.md",
  session_lost:
    "the broker lost a session and its messages in the last 24 hours: was it killed, or did the client id leak?",
  messages_dropped: "the broker dropped messages in the last 24 hours: `npm run app -- usage` shows who sends most",
  messages_refused:
    "the Worker refused messages in the last 24 hours, and they are lost: the relay's log names the app; see docs/operate/runbook.md",
  queue_near_limit: "a queue is above 80 % of its limit: messages will be dropped",
  broker_memory:
    "the broker uses more memory than twice the limit of a queue: messages with large topics or properties, or sessions that do not read their receipts; see docs/operate/runbook.md",
  clock_skew: "the Worker refuses the relay's clock: synchronize it",
  state_not_saved:
    "it cannot read, write or delete its state file or handover file, so a lost session may not be counted, and events may be stored twice: its log names the file; free disk space, or make the directory writable",
  certificate_expires:
    "the broker's certificate expires in less than 14 days: `make-credentials.sh --dir DIR`, then SIGHUP (docs/operate/README.md, certificates)",
};

const FAILURES: Readonly<Record<string, string>> = {
  denied: "RELAY_TOKEN of the relay is not the Worker's",
  challenged: "bot protection in front of the Worker responds to the relay",
  unavailable: "the Worker cannot store",
  failed: "the Worker does not respond to the relay: is RELAY_WORKER_URL correct?",
  not_the_worker:
    "another server responds: is RELAY_WORKER_URL correct, and does a proxy or a firewall refuse requests?",
  size_limit: "a server in front of the Worker refuses large requests: it must allow bodies of 8 MiB",
  clock_skew: "the clocks of relay and Worker differ",
  refused: "the Worker refuses a batch",
};

const checkRelay = async (probe: Probe, { relay }: DoctorTarget): Promise<readonly Finding[]> => {
  const name = "relay";
  if (relay === undefined) return [skipped(name, "pass the URL of its HTTP port in RELAY_URL")];
  try {
    const { text } = await probe.http(new URL("/healthz", relay).href);
    const health = parseAs(text, relaySchema);
    if (health === undefined) return [failed(name, `${relay} is not a relay`)];
    const { problems, lastFailure, status } = health;
    if (problems.length === 0) return [passed(name, status)];
    const cause =
      lastFailure === undefined ? "" : ` Last failure: ${FAILURES[lastFailure.failure] ?? lastFailure.failure}.`;
    return problems.map((problem) => failed(`${name} ${problem}`, `${PROBLEMS[problem] ?? "see its log"}.${cause}`));
  } catch (error) {
    return [failed(name, `${relay} does not respond: ${error instanceof Error ? error.message : "unknown"}`)];
  }
};

/** Problems of the Worker's health with which the cron jobs may run without storing that they did. */
const STORE_PROBLEMS: ReadonlySet<string> = new Set<HealthProblemCode>([
  "opensearch_unavailable",
  "cluster_blocked",
  "disk_full",
  "index_blocked",
  "index_closed",
  "index_red",
]);

/** The cron job counts the usage each minute. */
const MAX_COUNT_AGE_MS = 10 * MINUTE_MS;

const checkCrons = async (
  probe: Probe,
  { worker, readerToken }: DoctorTarget,
  health: readonly Finding[],
): Promise<Finding> => {
  const name = "cron jobs";
  const problem = health.find((finding) => STORE_PROBLEMS.has(finding.name));
  if (problem !== undefined) {
    return skipped(
      name,
      `their last run cannot be stored or read because of ${problem.name}: repeat the check two minutes after that is repaired`,
    );
  }
  if (readerToken === undefined) return skipped(name, "pass a reader token in EDGELOG_READER_TOKEN");
  const { status, text } = await probe.http(new URL("/usage?days=2", worker).href, {
    headers: { Authorization: `Bearer ${readerToken}` },
  });
  if (status !== 200) return skipped(name, `GET /usage responds with ${status}`);
  const usage = parseAs(text, usageResponseSchema);
  if (usage === undefined)
    return failed(name, "GET /usage does not respond with usage: is the Worker of this version?");
  const counted = usage.days.map(({ countedAt }) => Date.parse(countedAt));
  const ageMs = probe.nowMs() - Math.max(...counted, 0);
  if (counted.length === 0)
    return warned(name, "usage was never counted. Within 10 minutes of the first start this is normal");
  return ageMs <= MAX_COUNT_AGE_MS
    ? passed(name, "ran in the last 10 minutes")
    : failed(
        name,
        "have not run for 10 minutes, so alerts are not checked and expired logs are not deleted: see [triggers] in wrangler.toml. After OpenSearch was repaired or restored, repeat the check in two minutes first",
      );
};

/** `health`: the findings of the Worker's health. */
export const checkPipeline = async (
  probe: Probe,
  target: DoctorTarget,
  health: readonly Finding[],
): Promise<readonly Finding[]> => [
  ...(await checkRelay(probe, target)),
  await checkCrons(probe, target, health).catch((error) => toUnexpected("cron jobs", error)),
];
