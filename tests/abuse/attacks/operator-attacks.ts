/** Faults of operation through which one app, or one wrong setting, could harm all apps. */
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { APP_ENTRY_PREFIX } from "#contract/store/app-record.ts";
import { logsIndex } from "#contract/store/index-period.ts";
import { openLocalKv } from "../../../stack/apps/kv.ts";
import { startRelay } from "../../../stack/services/relay.ts";
import { queryOpenSearch } from "../../support/query-opensearch.ts";
import { tryConnect } from "../../support/security/mqtt-client.ts";
import { OTHER_RETENTION_DAYS, type AbuseStack } from "../abuse-stack.ts";
import { connectAttacker, post, repeat } from "../attacker.ts";
import { readHealth, type Health } from "../health-watch.ts";
import { watchServiceLogs } from "../service-logs.ts";
import type { Attack } from "./attack.ts";
import { createSmallEvent } from "./payloads.ts";

const MAX_HEALTH_MS = 2_500;
const CLOCK_SKEW_MS = 10 * 60_000;
/** The relay retries at least every 10 s. */
const MAX_P99_AFTER_OUTAGE_MS = 15_000;
/** Longer than the caches of `/healthz`. */
const HEALTH_CACHE_MS = 11_000;
/** Requests to `/healthz`, spread over {@link HEALTH_CACHE_MS}, so that some arrive while a check is in progress. */
const HEALTH_ROUNDS = 40;
const HEALTH_REQUESTS_PER_ROUND = 10;
/** `/healthz` checks KV this often when no message of an unknown app arrives, together with the clock of OpenSearch. */
const KV_CHECK_INTERVAL_MS = 60_000;
const CLOCK_PATH = "/_cat/health";

/** A request to a shard that no node holds ends after a few seconds. */
const MAX_RED_MS = 10_000;

const HEALTHY = /^200 ok\b/;

/** Waits until `/healthz` reports a problem, at most as long as its cache lasts. */
const checkReported = async (abuse: AbuseStack, problem: string): Promise<readonly string[]> => {
  const deadline = performance.now() + HEALTH_CACHE_MS;
  let health: Health;
  do {
    health = await readHealth(abuse, "worker");
    if (!HEALTHY.test(health.state)) return [];
    await sleep(500);
  } while (performance.now() < deadline);
  return [`/healthz of the Worker does not report ${problem}: ${health.state}`];
};

/** Waits until `/healthz` has just checked KV. */
const waitForKvCheck = async ({ storeRequests }: AbuseStack): Promise<void> => {
  const countChecks = (): number => storeRequests.filter((path) => path.startsWith(CLOCK_PATH)).length;
  const before = countChecks();
  const deadline = performance.now() + KV_CHECK_INTERVAL_MS + HEALTH_CACHE_MS;
  while (countChecks() === before && performance.now() < deadline) await sleep(200);
};

const toSlow = (of: string, { durationMs }: Health): readonly string[] =>
  durationMs > MAX_HEALTH_MS ? [`/healthz of the ${of} took ${durationMs} ms`] : [];

const setReadOnly = async ({ stack }: AbuseStack, isReadOnly: boolean): Promise<void> => {
  const settings = { "index.blocks.read_only_allow_delete": isReadOnly ? true : null };
  await queryOpenSearch(stack.file.opensearch, "/logs-*/_settings", settings, "PUT");
};

/** Creates the index of another retention class whose shards no node may hold. */
const createRedIndex = async ({ stack }: AbuseStack, index: string): Promise<void> => {
  const settings = { "index.routing.allocation.require._name": "no-such-node" };
  await queryOpenSearch(stack.file.opensearch, `/${index}?wait_for_active_shards=0&timeout=1s`, { settings }, "PUT");
};

const isSessionLossReported = (lines: readonly string[]): boolean =>
  lines.some((line) => /"level":(?:50|40|"error")/.test(line) && /session/i.test(line));

export const OPERATOR_ATTACKS: readonly Attack[] = [
  {
    name: "4 red index of another retention class",
    isShort: true,
    async run(abuse, durationMs) {
      const { stack, other } = abuse;
      const index = logsIndex(OTHER_RETENTION_DAYS, new Date().toISOString());
      await createRedIndex(abuse, index);
      try {
        await using attacker = await connectAttacker(abuse, {}, other);
        await attacker.publish(Array.from({ length: 5 }, createSmallEvent));
        const startedMs = performance.now();
        const posts = Promise.all(
          Array.from({ length: 5 }, async () => {
            await post(abuse, createSmallEvent(), {}, other);
            return performance.now() - startedMs;
          }),
        );
        const findings = await checkReported(abuse, "a red index");
        await sleep(durationMs);
        const slowestMs = Math.max(...(await posts));
        return slowestMs > MAX_RED_MS
          ? [...findings, `POST /logs to the red index took ${Math.round(slowestMs)} ms`]
          : findings;
      } finally {
        await queryOpenSearch(stack.file.opensearch, `/${index}`, undefined, "DELETE");
      }
    },
  },
  {
    name: "6 client with the relay's client id and clean start",
    async run(abuse, durationMs) {
      const { stack, home, attacker, victim, secrets } = abuse;
      const { relayClientId } = secrets;
      const logs = await watchServiceLogs(home);
      const login = { username: attacker.id, password: attacker.key };
      const sessionOfVictim = createHmac("sha256", relayClientId).update(victim.id).digest("hex");
      await repeat(durationMs, 1, async () => {
        for (const clientId of [relayClientId, sessionOfVictim]) {
          const thief = await tryConnect(stack.file.mqtt, login, { clientId, clean: true });
          await sleep(500);
          await thief?.[Symbol.asyncDispose]();
        }
        await sleep(1_000);
      });
      return isSessionLossReported(await logs.readLines()) ? [] : ["the relay does not log that its session is lost"];
    },
  },
  {
    name: "7 KV without apps",
    isOutage: true,
    maxP99Ms: MAX_P99_AFTER_OUTAGE_MS,
    async run(abuse, durationMs) {
      // Otherwise the next regular check could come soon and find what a message of an unknown app must trigger.
      await waitForKvCheck(abuse);
      await using kv = await openLocalKv(abuse.home);
      const apps = await kv.list(APP_ENTRY_PREFIX);
      for (const entry of apps.keys()) await kv.remove(entry);
      try {
        const findings = await checkReported(abuse, "that KV has no apps");
        await sleep(durationMs);
        return findings;
      } finally {
        await kv.put(Object.fromEntries(apps));
      }
    },
  },
  {
    name: "8 OpenSearch hangs, 400 requests to /healthz",
    isShort: true,
    isOutage: true,
    maxP99Ms: MAX_P99_AFTER_OUTAGE_MS,
    async run(abuse, durationMs) {
      const { stack, storeRequests } = abuse;
      const before = storeRequests.length;
      stack.services.opensearch.kill("SIGSTOP");
      try {
        const all: Health[] = [];
        for (let round = 0; round < HEALTH_ROUNDS; round += 1) {
          const requests = Array.from({ length: HEALTH_REQUESTS_PER_ROUND }, () => readHealth(abuse, "worker"));
          const [responses] = await Promise.all([Promise.all(requests), sleep(HEALTH_CACHE_MS / HEALTH_ROUNDS)]);
          all.push(...responses);
        }
        const requests = storeRequests.slice(before).filter((path) => !path.startsWith("/_bulk")).length;
        await sleep(durationMs);
        const [worker, relay] = [await readHealth(abuse, "worker"), await readHealth(abuse, "relay")];
        return [
          ...toSlow("Worker", all.toSorted((a, b) => b.durationMs - a.durationMs)[0] ?? worker),
          ...toSlow("Worker", worker),
          ...toSlow("relay", relay),
          ...(requests > 40 ? [`400 requests to /healthz made ${requests} requests to OpenSearch`] : []),
          ...(await checkReported(abuse, "that OpenSearch hangs")),
        ];
      } finally {
        stack.services.opensearch.kill("SIGCONT");
      }
    },
  },
  {
    name: "9 disk at flood stage",
    isOutage: true,
    maxP99Ms: MAX_P99_AFTER_OUTAGE_MS,
    async run(abuse, durationMs) {
      const logs = await watchServiceLogs(abuse.home);
      await setReadOnly(abuse, true);
      try {
        const findings = await checkReported(abuse, "blocked indices");
        await sleep(durationMs / 2);
        const isLogged = (await logs.readLines()).some((line) => /"level":"(?:warn|error)"/.test(line));
        return [...findings, ...(isLogged ? [] : ["the Worker logs nothing"])];
      } finally {
        await setReadOnly(abuse, false);
      }
    },
  },
  {
    name: "relay whose clock is 10 minutes ahead",
    isOutage: true,
    maxP99Ms: MAX_P99_AFTER_OUTAGE_MS,
    async run(abuse, durationMs) {
      const { home, stack } = abuse;
      const { relay } = stack.services;
      const logs = await watchServiceLogs(home);
      await relay.stop();
      const skew = `const now = Date.now; Date.now = () => now() + ${CLOCK_SKEW_MS};`;
      const skewed = await startRelay({
        home,
        brokerUrl: stack.file.mqtt,
        workerUrl: stack.file.worker,
        env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(skew)}` },
      });
      await sleep(durationMs);
      await skewed.stop();
      await relay.start();
      const isReported = (await logs.readLines()).some((line) => /clock/i.test(line));
      return isReported ? [] : ["no log line mentions the clock"];
    },
  },
];
