/**
 * Runs one attack while the victim sends events, waits until these have receipts, and compares them with those in
 * OpenSearch.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { startReceiptClient } from "../chaos/clients/mqtt-clients.ts";
import { watchMemory } from "../chaos/memory-watch.ts";
import { watchHeap } from "../support/heap-watch.ts";
import type { AbuseStack } from "./abuse-stack.ts";
import type { Attack } from "./attacks/attack.ts";
import { flood } from "./attacks/payload-attacks.ts";
import { createLargeBatch, createSmallEvent } from "./attacks/payloads.ts";
import { watchHealth } from "./health-watch.ts";
import { MAX_P99_MS, toRow, type Row } from "./row.ts";
import { isNamed, watchServiceLogs } from "./service-logs.ts";
import { epochMs, startVictim } from "./victim.ts";

/** The victim sends for this long before and after the attack, or for a quarter of a short attack. */
const MAX_LEAD_MS = 1_000;
const SETTLE_DEADLINE_MS = 25_000;
const DRAIN_DEADLINE_MS = 40_000;
const WARM_UP_MS = 5_000;
/** The heap is sampled this often. Garbage is collected only above the limit, because that slows the Worker down. */
const HEAP_SAMPLING = { everyMs: 50, collectAboveMib: 80 };

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const runAttack = async (abuse: AbuseStack, attack: Attack, run: string, durationMs: number): Promise<Row> => {
  const { home, stack, attacker } = abuse;
  const leadMs = Math.min(MAX_LEAD_MS, durationMs / 4);
  const memory = await watchMemory(abuse);
  const logs = await watchServiceLogs(home);
  await using heap = await watchHeap(stack.services.worker.pid, HEAP_SAMPLING);
  await using victim = await startVictim(abuse, run);
  const health = watchHealth(abuse);
  await sleep(leadMs);
  const fromMs = epochMs();
  const findings = await attack.run(abuse, durationMs).catch((error: unknown) => [`not run: ${toMessage(error)}`]);
  const toMs = epochMs();
  await sleep(leadMs);
  await victim.pause();
  await victim.settle(SETTLE_DEADLINE_MS);
  const states = await health.stop();
  const peaks = await memory.stop();
  const { mqtt, http } = await victim.readDelivered(attack.isOutage === true ? { fromMs, toMs } : undefined);
  const mustBeNamed = attack.isAppAtFault === true;
  return toRow({
    attack: attack.name,
    maxP99Ms: attack.maxP99Ms ?? MAX_P99_MS,
    maxBrokerMb: attack.maxBrokerMb,
    knownIn: attack.knownIn,
    named: mustBeNamed ? isNamed(await logs.readLines(), attacker.id) : undefined,
    mqtt,
    http,
    peaks,
    heapMb: heap.takePeaks().liveWithBuffersMib,
    health: states,
    findings,
  });
};

/** Resolves to whether everything that the attacker sent before is handled: the next attack can then start. */
export const drain = async ({ stack, attacker }: AbuseStack): Promise<boolean> => {
  const client = await startReceiptClient({
    mqttUrl: stack.file.mqtt,
    httpUrl: stack.file.worker,
    app: attacker.id,
    key: attacker.key,
    clock: { shiftMs: 0 },
  });
  client.send(["marker/0"]);
  const deadline = new AbortController();
  const isDrained = await Promise.race([
    client.waitUntilSettled().then(() => true),
    sleep(DRAIN_DEADLINE_MS, false, { signal: deadline.signal }).catch(() => false),
  ]);
  deadline.abort();
  await client.stop();
  return isDrained;
};

/**
 * Sends events until the services run compiled code, as they do in production, and the index exists. Without it, the first
 * attacks would measure the start of OpenSearch.
 */
export const warmUp = async (abuse: AbuseStack): Promise<void> => {
  await flood(createSmallEvent)(abuse, WARM_UP_MS);
  await flood(createLargeBatch, 1)(abuse, WARM_UP_MS);
  await drain(abuse);
};
