/**
 * Everything that MQTT needs, loaded when the logger uses it.
 */
import { listen } from "../../platform.ts";
import type { OpenResult } from "../link.ts";
import { maintainLink, type MaintainLinkOptions } from "./maintain-link.ts";
import { openMqttLink, type MqttLinkOptions } from "./mqtt-link.ts";
import { openSharedLink } from "./open-shared-link.ts";
import { createReceiptTimeout } from "./receipt-timeout.ts";

export interface StartMqttOptions extends Omit<MaintainLinkOptions, "openLink"> {
  readonly login: Omit<MqttLinkOptions, "receiptTimeout" | "connectTimeoutMs">;
}

/** Keeps a connection open; returns a function that closes it. */
export const startMqtt = ({ login, ...options }: StartMqttOptions): (() => void) => {
  const { receiptTimeoutMs, maxReceiptTimeoutMs, connectTimeoutMs } = options.tuning;
  const receiptTimeout = createReceiptTimeout(receiptTimeoutMs, maxReceiptTimeoutMs);
  const { connect, onError: _onError, ...names } = login;
  const sharedLogin = { ...names, receiptTimeoutMs, maxReceiptTimeoutMs, connectTimeoutMs };
  // The option `connectMqtt` is a function, which cannot be passed to a Worker.
  let useShared = connect === undefined;
  /** Whether the SharedWorker has ever connected. If so, a failure is a network error. */
  let sharedHasConnected = false;

  const openLink = async (signal: AbortSignal): Promise<OpenResult> => {
    const shared = useShared ? await openSharedLink(sharedLogin, signal) : undefined;
    sharedHasConnected ||= shared?.state === "open";
    // The Worker script's own Content-Security-Policy may block connections that the page may make. In mode `auto`
    // HTTP is used then.
    if (shared && (sharedHasConnected || options.mode === "auto" || shared.state === "denied")) return shared;
    const own = await openMqttLink({ ...login, receiptTimeout, connectTimeoutMs }, signal);
    useShared &&= shared !== undefined && own.state !== "open";
    return own;
  };

  const maintained = maintainLink({ ...options, openLink });
  const stopListening = [
    listen(["online"], maintained.retryNow),
    listen(["visibilitychange"], maintained.visibilityChanged),
  ];
  return () => {
    for (const stop of stopListening) stop();
    maintained.stop();
  };
};
