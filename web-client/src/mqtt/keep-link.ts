/**
 * Keeps one link open: MQTT, or HTTP, or MQTT with HTTP while MQTT is not to be had, and back again.
 */
import { backoffMs } from "../backoff.ts";
import type { Dialed, Link, LinkState, TransportKind, TransportMode } from "../link.ts";
import { createNap } from "./nap.ts";
import type { Tuning } from "../tuning.ts";

/** Ports of {@link keepLink}. */
export interface KeepLinkOptions {
  readonly mode: TransportMode;
  readonly dialMqtt: (signal: AbortSignal) => Promise<Dialed>;
  readonly http: Link;
  readonly tuning: Tuning;
  /** From now on send by this link; `undefined` means that there is none. */
  readonly onLink: (link: Link | undefined) => void;
  readonly onState: (state: LinkState, transport: TransportKind) => void;
}

/** What {@link keepLink} started. */
export interface LinkKeeper {
  /** The network is said to be back: don't wait any longer. */
  wake(): void;
  stop(): void;
}

/** Starts at once. In `auto` HTTP carries while there is no MQTT. */
export const keepLink = ({ mode, dialMqtt, http, tuning, onLink, onState }: KeepLinkOptions): LinkKeeper => {
  const stopper = new AbortController();
  const { signal } = stopper;
  const nap = createNap();
  let open: Link | undefined;

  const useHttp = (): void => {
    open = http;
    onState("connecting", "http");
    onLink(http);
  };

  /** Uses an MQTT link until it dies; returns whether it lived long enough to count as a success. */
  const useMqtt = async (link: Link): Promise<boolean> => {
    const since = Date.now();
    open = link;
    onState("online", "mqtt");
    onLink(link);
    await link.closed;
    if (signal.aborted) return true;
    if (mode === "auto") useHttp();
    else {
      open = undefined;
      onLink(undefined);
      onState("offline", "mqtt");
    }
    return Date.now() - since > tuning.connectTimeoutMs;
  };

  const waitMs = (state: Dialed["state"], failures: number): number => {
    if (mode === "auto") {
      return tuning.mqttRetryMs / 2 + backoffMs(failures, tuning.mqttRetryMs, tuning.maxMqttRetryMs);
    }
    return state === "denied" ? tuning.deniedRetryMs : backoffMs(failures, tuning.retryBaseMs, tuning.maxRetryMs);
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    if (mode === "mqtt") onState("connecting", "mqtt");
    while (!signal.aborted) {
      const dialed = await dialMqtt(signal);
      if (signal.aborted) {
        if (dialed.state === "open") dialed.link.close();
        return;
      }
      if (dialed.state === "open") failures = (await useMqtt(dialed.link)) ? 0 : failures + 1;
      else {
        failures += 1;
        if (mode === "mqtt") onState(dialed.state === "denied" ? "denied" : "offline", "mqtt");
      }
      if (!signal.aborted) await nap.sleep(waitMs(dialed.state, failures));
    }
  };

  if (mode !== "mqtt") useHttp();
  if (mode !== "http") void run();
  return {
    wake: nap.wake,
    stop() {
      stopper.abort();
      nap.stop();
      // HTTP has no connection to end, and requests under way may still bring their receipts.
      if (open !== http) open?.close();
    },
  };
};
