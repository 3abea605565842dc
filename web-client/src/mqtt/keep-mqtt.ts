/**
 * Everything that MQTT needs, loaded when a logger wants it.
 */
import { keepLink, type KeepLinkOptions } from "./keep-link.ts";
import { dialMqtt, type MqttLinkOptions } from "./mqtt-link.ts";
import { createPatience } from "./patience.ts";

/** Ports of {@link keepMqtt}. */
export interface KeepMqttOptions extends Omit<KeepLinkOptions, "dialMqtt"> {
  readonly login: Omit<MqttLinkOptions, "patience" | "connectTimeoutMs">;
}

/** Keeps a connection open; returns what ends it. */
export const keepMqtt = ({ login, ...options }: KeepMqttOptions): (() => void) => {
  const { receiptTimeoutMs, maxReceiptTimeoutMs, connectTimeoutMs } = options.tuning;
  const patience = createPatience(receiptTimeoutMs, maxReceiptTimeoutMs);
  const keeper = keepLink({
    ...options,
    dialMqtt: (signal) => dialMqtt({ ...login, patience, connectTimeoutMs }, signal),
  });
  const { addEventListener, removeEventListener } = globalThis as Partial<typeof globalThis>;
  addEventListener?.("online", keeper.wake);
  return () => {
    removeEventListener?.("online", keeper.wake);
    keeper.stop();
  };
};
