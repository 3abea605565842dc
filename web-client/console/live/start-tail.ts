/**
 * The live tail: logs as they pass the broker, before the store has them. It shows, it does not promise: what it leaves out
 * (what came over HTTP, what is in a dialect that only the Worker reads, what is too much to follow) the store shows later.
 */
import type { ReaderResponse } from "#contract/api/reader.ts";
import { backoffMs } from "../../logger/send/backoff.ts";
import type { TailConnect } from "./open-tail.ts";
import type { TailEvent } from "./tail-event.ts";
import { throwAsync } from "./throw-async.ts";

export type { TailEvent };

const RETRY_BASE_MS = 1_000;
const MAX_RETRY_MS = 30_000;
/** A connection that held for so long was a good one. */
const STEADY_MS = 60_000;

/** Nothing gets better by trying again. */
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
  /** Default: all that the token may read. */
  readonly apps?: readonly string[] | undefined;
  /** At least one event; no more than twenty times a second. What it throws is reported as an error of the page. */
  readonly onEvents: (events: readonly TailEvent[]) => void;
  /** Messages that are not, or not wholly, among the events: time to ask the store. */
  readonly onMissed?: (messages: number) => void;
  /** `off` with the reason; after most of them it is `connecting` again by itself a little later. */
  readonly onState: (state: TailState, reason?: string) => void;
  /** Of the Worker. Default: that of the page. */
  readonly origin?: string;
  /** Opens a connection with mqtt.js. Default: the small build, loaded here. */
  readonly connect?: TailConnect;
}

export type TailState = "connecting" | "live" | "off";

export interface Tail {
  /** Ends it; nothing is called afterwards. */
  stop(): void;
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const rise = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", rise);
      resolve();
    };
    const timer = setTimeout(rise, ms);
    signal.addEventListener("abort", rise);
    if (signal.aborted) rise();
  });

type Asked = { readonly reader: ReaderResponse } | { readonly reason: string };

const askReader = async (origin: string, token: string, signal: AbortSignal): Promise<Asked> => {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("/reader", origin), { headers, cache: "no-store", signal });
  if (response.status === 401) return { reason: "invalid_credentials" };
  return response.ok ? { reader: (await response.json()) as ReaderResponse } : { reason: "unreachable" };
};

/** Starts a tail. Returns at once, and calls nothing before it has returned. */
export const startTail = (options: TailOptions): Tail => {
  const { token, apps: wanted, onEvents, onMissed, onState, origin = location.origin, connect } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const tell = (state: TailState, reason?: string): void => {
    if (!signal.aborted) onState(state, reason);
  };

  /** One connection, from the question what may be read to its end. */
  const tailOnce = async (onLive: () => void): Promise<string> => {
    const asked = await askReader(origin, token, signal);
    if ("reason" in asked) return asked.reason;
    const apps = asked.reader.apps.filter(({ id, tail }) => tail.length > 0 && (wanted?.includes(id) ?? true));
    if (apps.length === 0) return "unavailable";
    const { openTail } = await import("./open-tail.ts");
    if (signal.aborted) return "stopped";
    const url = new URL("/tail", origin.replace(/^http/, "ws")).href;
    return openTail({ url, token, apps, onLive, onEvents, onMissed: onMissed ?? (() => undefined), signal, connect });
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      tell("connecting");
      let liveSinceMs: number | undefined;
      const onLive = (): void => {
        liveSinceMs = Date.now();
        tell("live");
      };
      const reason = await tailOnce(onLive).catch(() => "unreachable");
      tell("off", reason);
      if (FINAL_REASONS.has(reason)) return;
      failures = liveSinceMs !== undefined && Date.now() - liveSinceMs > STEADY_MS ? 0 : failures + 1;
      await sleep(backoffMs(failures, RETRY_BASE_MS, MAX_RETRY_MS), signal);
    }
  };
  queueMicrotask(() => {
    run().catch(throwAsync);
  });
  return { stop: () => controller.abort() };
};
