/** Polls `/healthz` of Worker and relay, and collects the distinct states and the longest response time. */
import type { AbuseStack } from "./abuse-stack.ts";

const POLL_MS = 500;
const TIMEOUT_MS = 5_000;

export type HealthOf = "worker" | "relay";

export interface Health {
  /** The status and all codes of the response, for example `200 ok up`; `no response` after 5 s. */
  readonly state: string;
  readonly durationMs: number;
}

const SENTENCE_OR_TIME = /\s|^\d{4}-\d\d-/;

/** All texts of a JSON value in order, without sentences and times. */
const toCodes = (value: unknown): readonly string[] => {
  if (typeof value === "string") return SENTENCE_OR_TIME.test(value) ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(toCodes) : [];
};

export const readHealth = async ({ stack }: AbuseStack, of: HealthOf): Promise<Health> => {
  const url = of === "worker" ? new URL("/healthz", stack.file.worker) : stack.file.relayHealth;
  const startedMs = performance.now();
  const state = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    .then(async (response) => [response.status, ...toCodes(await response.json())].join(" "))
    .catch(() => "no response");
  return { state, durationMs: Math.round(performance.now() - startedMs) };
};

export interface HealthWatch {
  /** Stops polling and returns the distinct states in the order of their first appearance. */
  stop(): Promise<Readonly<Record<HealthOf, readonly string[]>>>;
}

export const watchHealth = (abuse: AbuseStack): HealthWatch => {
  const states = { worker: new Set<string>(), relay: new Set<string>() };
  let polling: Promise<unknown> = Promise.resolve();
  let isIdle = true;
  const poll = async (): Promise<void> => {
    await Promise.all(
      (["worker", "relay"] as const).map(async (of) => states[of].add((await readHealth(abuse, of)).state)),
    );
    isIdle = true;
  };
  const timer = setInterval(() => {
    if (!isIdle) return;
    isIdle = false;
    polling = poll();
  }, POLL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await polling;
      return { worker: [...states.worker], relay: [...states.relay] };
    },
  };
};
