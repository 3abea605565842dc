/**
 * Everything that MQTT needs, loaded when a logger wants it.
 */
import { dialShared } from "./open-shared-link.ts";
import { keepLink, type KeepLinkOptions } from "./maintain-link.ts";
import { dialMqtt, type MqttLinkOptions } from "./mqtt-link.ts";
import { listen } from "../../platform.ts";
import { createPatience } from "./receipt-timeout.ts";

/** Ports of {@link keepMqtt}. */
export interface KeepMqttOptions extends Omit<KeepLinkOptions, "dialMqtt" | "isHidden"> {
  readonly login: Omit<MqttLinkOptions, "patience" | "connectTimeoutMs">;
}

/** Keeps a connection open; returns what ends it. */
export const keepMqtt = ({ login, ...options }: KeepMqttOptions): (() => void) => {
  const { receiptTimeoutMs, maxReceiptTimeoutMs, connectTimeoutMs } = options.tuning;
  const patience = createPatience(receiptTimeoutMs, maxReceiptTimeoutMs);
  const { connect, ...names } = login;
  const sharedLogin = { ...names, receiptTimeoutMs, maxReceiptTimeoutMs, connectTimeoutMs };
  // A function cannot go to a Worker.
  let isShared = connect === undefined;
  /** Whether the Worker ever had a connection: only then is the network to blame when it has none. */
  let hasReached = false;
  const { document } = globalThis as Partial<typeof globalThis>;
  const keeper = keepLink({
    ...options,
    isHidden: () => document?.hidden === true,
    async dialMqtt(signal) {
      const shared = isShared ? await dialShared(sharedLogin, signal) : undefined;
      hasReached ||= shared?.state === "open";
      // A policy that comes with its script may forbid the Worker what the page's allows; in `auto` HTTP carries then.
      if (shared && (hasReached || options.mode === "auto" || shared.state === "denied")) return shared;
      const own = await dialMqtt({ ...login, patience, connectTimeoutMs }, signal);
      isShared &&= shared !== undefined && own.state !== "open";
      return own;
    },
  });
  const ends = [listen(["online"], keeper.wake), listen(["visibilitychange"], keeper.look)];
  return () => {
    for (const end of ends) end();
    keeper.stop();
  };
};
