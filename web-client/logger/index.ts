/// <reference lib="dom" />
/**
 * The browser logger. Start with {@link createLogger}.
 */
export { createLogger } from "./create-logger.ts";
export { captureErrors } from "./captures/errors.ts";
export type {
  BeforeSend,
  Consent,
  DropReason,
  Logger,
  LoggerCounts,
  LoggerOptions,
  LoggerStatus,
  LogMethod,
  LogRecord,
  Settlement,
} from "./logger.ts";
export type { TransportKind, TransportMode } from "./send/link.ts";
export type { MqttConnect, MqttConnection, MqttConnectOptions } from "./send/mqtt/mqtt-client.ts";
export type { Tuning } from "./tuning.ts";
