/**
 * Keeps an MQTT link open: reconnects after a failure and, in mode `auto`, uses HTTP in the meantime. While the page is
 * hidden it does not connect without need: in mode `auto` HTTP is used, in mode `mqtt` the next batch opens the link.
 */
import { monotonicNow, sleep } from "../../platform.ts";
import type { Tuning } from "../../tuning.ts";
import { backoffMs } from "../backoff.ts";
import type { Link, LinkState, OpenResult, TransportKind, TransportMode } from "../link.ts";
import { createIdleClose } from "./idle-close.ts";

export interface MaintainLinkOptions {
  readonly mode: Exclude<TransportMode, "http">;
  readonly openLink: (signal: AbortSignal) => Promise<OpenResult>;
  readonly http: Link;
  readonly tuning: Tuning;
  /** The link to send by from now on; `undefined` while there is none. */
  readonly onLink: (link: Link | undefined) => void;
  readonly onState: (state: LinkState, transport: TransportKind) => void;
}

export interface MaintainedLink {
  /** Reconnects without further delay, e.g. because the network is back. */
  retryNow(): void;
  /** To be called when the page was hidden or shown. */
  visibilityChanged(): void;
  stop(): void;
}

/** Starts at once. */
export const maintainLink = (options: MaintainLinkOptions): MaintainedLink => {
  const { mode, openLink, http, tuning, onLink, onState } = options;
  const stopper = new AbortController();
  const { signal } = stopper;
  const idleClose = createIdleClose(tuning.hiddenIdleMs);
  let retryDelay = new AbortController();
  let open: Link | undefined;
  /** Batches of a hidden page wait for the link that is opened next. */
  let nextLink: PromiseWithResolvers<Link | undefined> | undefined;

  const useHttp = (): void => {
    open = http;
    onState("connecting", "http");
    onLink(http);
  };

  const useNothing = (): void => {
    open = undefined;
    onLink(undefined);
    onState("offline", "mqtt");
  };

  /** Resolves when the page is visible or there is a batch to send, which is sent by the next link. */
  const useNextLink = (): Promise<void> => {
    const next = (nextLink = Promise.withResolvers());
    const end = idleClose.untilVisible();
    open = undefined;
    onLink({
      ...http,
      kind: "mqtt",
      async send(batch) {
        idleClose.endWait();
        return (await next.promise)?.send(batch) ?? { state: "retry" };
      },
    });
    return end;
  };

  /** Uses an MQTT link until it closes; returns whether it was open long enough to count as a success. */
  const useMqtt = async (link: Link): Promise<boolean> => {
    const sinceMs = monotonicNow();
    open = link;
    onState("online", "mqtt");
    onLink(link);
    nextLink?.resolve(link);
    await link.closed;
    const openMs = monotonicNow() - sinceMs;
    if (signal.aborted) return true;
    if (mode === "auto") useHttp();
    else if (idleClose.hasClosed) await useNextLink();
    else useNothing();
    return idleClose.hasClosed || openMs > tuning.connectTimeoutMs;
  };

  const retryDelayMs = (state: OpenResult["state"], failures: number): number => {
    if (mode === "auto") {
      return tuning.mqttRetryMs / 2 + backoffMs(failures, tuning.mqttRetryMs, tuning.maxMqttRetryMs);
    }
    return state === "denied" ? tuning.deniedRetryMs : backoffMs(failures, tuning.retryBaseMs, tuning.maxRetryMs);
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    if (mode === "mqtt") onState("connecting", "mqtt");
    else useHttp();
    while (!signal.aborted) {
      if (mode === "auto") await idleClose.untilVisible();
      const opened = await openLink(signal);
      if (signal.aborted) {
        if (opened.state === "open") opened.link.close();
        return;
      }
      if (opened.state === "open") {
        failures = (await useMqtt(idleClose.watch(opened.link))) ? 0 : failures + 1;
        if (idleClose.hasClosed) continue;
      } else {
        failures += 1;
        nextLink?.resolve(undefined);
        if (mode === "mqtt") {
          onLink(undefined);
          onState(opened.state === "denied" ? "denied" : "offline", "mqtt");
        }
      }
      if (signal.aborted) return;
      retryDelay = new AbortController();
      await sleep(retryDelayMs(opened.state, failures), retryDelay.signal);
    }
  };

  void run();
  return {
    retryNow: () => retryDelay.abort(),
    visibilityChanged: idleClose.visibilityChanged,
    stop() {
      stopper.abort();
      retryDelay.abort();
      idleClose.endWait();
      nextLink?.resolve(undefined);
      // HTTP has no connection to close, and requests in flight may still return their receipts.
      if (open !== http) open?.close();
    },
  };
};
