/**
 * The live tail: events as they pass the broker, before they are stored. It is incomplete by design: events sent over HTTP,
 * in dialects that only the Worker decodes, or at too high a rate appear only once they are stored.
 */
import type { ReaderResponse } from "#contract/api/reader.ts";
import { backoffMs } from "../../logger/send/backoff.ts";
import type { MissedReason, OnMissed, TailConnect } from "./open-tail.ts";
import type { TailEvent } from "./tail-event.ts";
import { throwAsync } from "./throw-async.ts";
import { sleep } from "../lib/sleep.ts";

export type { MissedReason, TailEvent };

const RETRY_BASE_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** A connection that lasted this long resets the backoff. */
const STABLE_MS = 60_000;

/** Reasons after which a retry would fail again. */
const FINAL_REASONS: ReadonlySet<string> = new Set([
  "invalid_credentials",
  "token_expired",
  "token_revoked",
  "not_authorized",
  "too_many_filters",
  "unavailable",
]);

export interface TailOptions {
  /** A reader token. */
  readonly token: string;
  /** App ids. Default: all apps that the token may read. */
  readonly apps?: readonly string[] | undefined;
  /** Called with at least one event, at most 20 times a second. An exception is reported as an uncaught error of the page. */
  readonly onEvents: (events: readonly TailEvent[]) => void;
  /** Called with the number of messages whose events were not, or not all, passed to `onEvents`. Search for them instead. */
  readonly onMissed?: OnMissed;
  /** `off` comes with a reason. After most reasons the tail reconnects after a delay. */
  readonly onState: (state: TailState, reason?: string) => void;
  /** Origin of the Worker. Default: the page's origin. */
  readonly origin?: string;
  /** mqtt.js's `connect`. Default: the slim build, loaded on demand. */
  readonly connect?: TailConnect;
}

export type TailState = "connecting" | "live" | "off";

export interface Tail {
  /** Ends the tail. No callback is called afterwards. */
  stop(): void;
}

type ReaderResult = { readonly reader: ReaderResponse } | { readonly reason: string };

const fetchReader = async (origin: string, token: string, signal: AbortSignal): Promise<ReaderResult> => {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("/reader", origin), { headers, cache: "no-store", signal });
  if (response.status === 401) return { reason: "invalid_credentials" };
  return response.ok ? { reader: (await response.json()) as ReaderResponse } : { reason: "unreachable" };
};

/** Starts a tail. Callbacks are called only after this function has returned. */
export const startTail = (options: TailOptions): Tail => {
  const { token, apps: wanted, onEvents, onMissed, onState, origin = location.origin, connect } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const report = (state: TailState, reason?: string): void => {
    if (!signal.aborted) onState(state, reason);
  };

  /** One connection: fetches the readable apps, connects, and resolves with the reason when the connection ends. */
  const tailOnce = async (onLive: () => void): Promise<string> => {
    const result = await fetchReader(origin, token, signal);
    if ("reason" in result) return result.reason;
    const apps = result.reader.apps.filter(({ id, tail }) => tail.length > 0 && (wanted?.includes(id) ?? true));
    if (apps.length === 0) return "unavailable";
    const { openTail } = await import("./open-tail.ts");
    if (signal.aborted) return "stopped";
    const url = new URL("/tail", origin.replace(/^http/, "ws")).href;
    return openTail({ url, token, apps, onLive, onEvents, onMissed: onMissed ?? (() => undefined), signal, connect });
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      report("connecting");
      let liveSinceMs: number | undefined;
      const onLive = (): void => {
        liveSinceMs = Date.now();
        report("live");
      };
      const reason = await tailOnce(onLive).catch(() => "unreachable");
      report("off", reason);
      if (FINAL_REASONS.has(reason)) return;
      failures = liveSinceMs !== undefined && Date.now() - liveSinceMs > STABLE_MS ? 0 : failures + 1;
      await sleep(backoffMs(failures, RETRY_BASE_MS, MAX_RETRY_MS), signal);
    }
  };
  queueMicrotask(() => {
    run().catch(throwAsync);
  });
  return { stop: () => controller.abort() };
};
