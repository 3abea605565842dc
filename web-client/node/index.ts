/**
 * The logger for Node.js. Start with {@link createLogger}.
 */
export { captureErrors } from "./capture-errors.ts";
export { createLogger, type NodeLoggerOptions } from "./create-logger.ts";
export { createSampler } from "../logger/event/sampler.ts";
export type {
  BeforeSend,
  DropReason,
  Logger,
  LoggerCounts,
  LoggerStatus,
  LogMethod,
  LogRecord,
  Settlement,
} from "../logger/logger.ts";
export type { TransportKind, TransportMode } from "../logger/send/link.ts";
export type { MqttConnect, MqttConnection, MqttConnectOptions } from "../logger/send/mqtt/mqtt-client.ts";
export type { Tuning } from "../logger/tuning.ts";
