/**
 * The browser logger: `createLogger({ app, key, endpoint })`.
 */
export { createLogger } from "./create-logger.ts";
export type { Logger, LoggerCounts, LoggerOptions, LoggerStatus, LogMethod } from "./logger.ts";
export type { TransportMode } from "./keep-link.ts";
export type { TransportKind } from "./link.ts";
export type { MqttConnect } from "./mqtt-link.ts";
export type { DropReason, Settlement, Totals } from "./tally.ts";
export { DEFAULT_TUNING, type Tuning } from "./tuning.ts";
