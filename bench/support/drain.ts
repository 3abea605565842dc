/**
 * How fast a backlog drains from the broker until it is searchable. The relay is frozen with SIGSTOP while the backlog is
 * published, so its code is warm when the measurement starts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic } from "#contract/wire/topics.ts";
import type { Stack } from "../../stack/stack.ts";
import { readRelayMetric } from "../../tests/support/relay-metric.ts";
import type { Throughput } from "./bulk.ts";
import { countLogs, waitUntilMerged } from "./logs.ts";
import { makePayload } from "./payload.ts";
import { cpuSince, findRoles, readCpu } from "./process-cpu.ts";

/** Messages that are published before the first of them is acknowledged. */
const PUBLISH_WINDOW = 1_000;

/** A scrape of the metrics costs the relay several milliseconds, so they are read rarely. */
const FIRST_POLL_MS = 200;
const MAX_POLL_MS = 600;
const MIN_POLL_MS = 15;

/** The part of the estimated remaining time after which the progress is read again. */
const POLL_PART = 0.7;

/** Without progress. */
const MAX_STALL_MS = 120_000;

export const publishBacklog = async (stack: Stack, events: number, eventsPerMessage: number): Promise<void> => {
  const { app, mqtt: url } = stack.file;
  const clientId = `bench-${uuidv7()}`;
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId, username: app.id, password: app.key });
  const topic = logsTopic(app.id, clientId);
  for (let sent = 0; sent < events;) {
    const window: Promise<unknown>[] = [];
    for (let i = 0; i < PUBLISH_WINDOW && sent < events; i += 1, sent += eventsPerMessage) {
      window.push(client.publishAsync(topic, makePayload(eventsPerMessage, sent), { qos: 1 }));
    }
    await Promise.all(window);
  }
  await client.endAsync();
};

/** Events for which the relay has received receipts since it was started. */
export const readStored = async ({ file }: Stack): Promise<number> =>
  (await readRelayMetric(file.relayHealth, "events_stored_total")) ?? 0;

/** Resolves when the relay has received receipts for `events` more events than `before`. */
export const waitUntilStored = async (stack: Stack, before: number, events: number): Promise<void> => {
  const started = performance.now();
  let last = { done: 0, atMs: started };
  for (;;) {
    const done = (await readStored(stack)) - before;
    const nowMs = performance.now();
    const elapsedMs = nowMs - started;
    if (done >= events) return;
    if (done > last.done) last = { done, atMs: nowMs };
    if (nowMs - last.atMs > MAX_STALL_MS) {
      throw new Error(`${done} of ${events} events are stored, and no more since ${MAX_STALL_MS} ms`);
    }
    const remainingMs = done === 0 ? FIRST_POLL_MS : ((events - done) / done) * elapsedMs * POLL_PART;
    await sleep(Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, remainingMs)));
  }
};

/** Measures from the first packet that the relay reads until all events are searchable. */
export const measureDrain = async (stack: Stack, events: number, eventsPerMessage: number): Promise<Throughput> => {
  const { relay } = stack.services;
  if (relay.pid === undefined) throw new Error("The relay does not run");
  const [countBefore, storedBefore] = await Promise.all([countLogs(stack), readStored(stack)]);
  await waitUntilMerged(stack);
  process.kill(relay.pid, "SIGSTOP");
  try {
    await publishBacklog(stack, events, eventsPerMessage);
  } catch (error) {
    process.kill(relay.pid, "SIGCONT");
    throw error;
  }
  const roles = findRoles(stack);
  const cpuBefore = readCpu(roles);
  const started = performance.now();
  process.kill(relay.pid, "SIGCONT");
  await waitUntilStored(stack, storedBefore, events);
  const stored = (await countLogs(stack)) - countBefore;
  const eventsPerSecond = (events / (performance.now() - started)) * 1_000;
  if (stored !== events) throw new Error(`${events} events were published and ${stored} are searchable`);
  return { eventsPerSecond, cpu: cpuSince(cpuBefore, roles) };
};
