/**
 * Keeps one link open: MQTT, or HTTP, or MQTT with HTTP while MQTT is not to be had, and back again. While the page is
 * hidden it opens none for nothing: HTTP carries, or the next batch asks for MQTT.
 */
import { backoffMs } from "../backoff.ts";
import type { Dialed, Link, LinkState, TransportKind, TransportMode } from "../link.ts";
import { createNap } from "./sleep.ts";
import { createRest } from "./idle-close.ts";
import type { Tuning } from "../../tuning.ts";

/** Ports of {@link keepLink}. */
export interface KeepLinkOptions {
  readonly mode: TransportMode;
  readonly dialMqtt: (signal: AbortSignal) => Promise<Dialed>;
  readonly http: Link;
  readonly tuning: Tuning;
  readonly isHidden: () => boolean;
  /** From now on send by this link; `undefined` means that there is none. */
  readonly onLink: (link: Link | undefined) => void;
  readonly onState: (state: LinkState, transport: TransportKind) => void;
}

/** What {@link keepLink} started. */
export interface LinkKeeper {
  /** The network is said to be back: don't wait any longer. */
  wake(): void;
  /** The page was hidden or shown. */
  look(): void;
  stop(): void;
}

/** Starts at once. In `auto` HTTP carries while there is no MQTT. */
export const keepLink = (options: KeepLinkOptions): LinkKeeper => {
  const { mode, dialMqtt, http, tuning, isHidden, onLink, onState } = options;
  const stopper = new AbortController();
  const { signal } = stopper;
  const nap = createNap();
  const rest = createRest({ idleMs: tuning.hiddenIdleMs, isHidden });
  let open: Link | undefined;
  /** What waits for the link that is dialled next. */
  let sleeper: PromiseWithResolvers<Link | undefined> | undefined;

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

  /** Until the page is seen, or there is a batch, which goes by the link that is dialled then. */
  const useSleeper = (): Promise<void> => {
    const next = (sleeper = Promise.withResolvers());
    const over = rest.whileHidden();
    open = undefined;
    onLink({
      ...http,
      kind: "mqtt",
      async send(parcel) {
        rest.end();
        return (await next.promise)?.send(parcel) ?? { state: "retry" };
      },
    });
    return over;
  };

  /** Uses an MQTT link until it dies; returns whether it lived long enough to count as a success. */
  const useMqtt = async (link: Link): Promise<boolean> => {
    const since = Date.now();
    open = link;
    onState("online", "mqtt");
    onLink(link);
    sleeper?.resolve(link);
    await link.closed;
    const lifeMs = Date.now() - since;
    if (signal.aborted) return true;
    if (mode === "auto") useHttp();
    else if (rest.hasClosed) await useSleeper();
    else useNothing();
    return rest.hasClosed || lifeMs > tuning.connectTimeoutMs;
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
      if (mode === "auto") await rest.whileHidden();
      const dialed = await dialMqtt(signal);
      if (signal.aborted) {
        if (dialed.state === "open") dialed.link.close();
        return;
      }
      if (dialed.state === "open") {
        failures = (await useMqtt(rest.watch(dialed.link))) ? 0 : failures + 1;
        if (rest.hasClosed) continue;
      } else {
        failures += 1;
        sleeper?.resolve(undefined);
        if (mode === "mqtt") {
          onLink(undefined);
          onState(dialed.state === "denied" ? "denied" : "offline", "mqtt");
        }
      }
      if (!signal.aborted) await nap.sleep(waitMs(dialed.state, failures));
    }
  };

  if (mode !== "mqtt") useHttp();
  if (mode !== "http") void run();
  return {
    wake: nap.wake,
    look: rest.look,
    stop() {
      stopper.abort();
      nap.stop();
      rest.end();
      sleeper?.resolve(undefined);
      // HTTP has no connection to end, and requests under way may still bring their receipts.
      if (open !== http) open?.close();
    },
  };
};
