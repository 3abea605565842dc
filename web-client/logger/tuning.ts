/**
 * The client's own numbers. They stay below the contract's limits; tests and special pages may override single ones.
 */

/** Every number that decides when and how much the logger sends. */
export interface Tuning {
  /** Events that may wait or be in flight; above it the least severe and oldest go. */
  readonly maxQueuedEvents: number;
  readonly maxQueuedBytes: number;
  readonly maxBatchEvents: number;
  /** The least severe events and the oldest are given up that no server took for so long. */
  readonly maxKeepMs: number;
  readonly maxBatchBytes: number;
  /**
   * Over HTTP the oldest waiting event is sent after this time at the latest; `error` and `fatal` go at once. A request is
   * what costs most: the page milliseconds of its main thread, the server a Worker's run.
   */
  readonly maxAgeMs: number;
  /** The same over MQTT, where a message costs little and somebody may watch. Events come ten times a second at most. */
  readonly maxMqttAgeMs: number;
  readonly maxBatchesInFlight: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long a receipt over MQTT may take before the batch is sent again: doubles, and a receipt resets it. */
  readonly receiptTimeoutMs: number;
  readonly maxReceiptTimeoutMs: number;
  readonly retryBaseMs: number;
  readonly maxRetryMs: number;
  /** After a refusal of the key. Slow: somebody has to act first. */
  readonly deniedRetryMs: number;
  /** How soon MQTT is tried again while HTTP does the work: doubles up to the second number. */
  readonly mqttRetryMs: number;
  readonly maxMqttRetryMs: number;
  /** A hidden page closes its MQTT connection when nothing was under way for so long. */
  readonly hiddenIdleMs: number;
}

/** What holds where an option says nothing else. */
export const DEFAULT_TUNING: Tuning = {
  maxQueuedEvents: 10_000,
  maxQueuedBytes: 8_388_608,
  maxKeepMs: 604_800_000,
  maxBatchEvents: 500,
  maxBatchBytes: 262_144,
  maxAgeMs: 1_000,
  maxMqttAgeMs: 0,
  maxBatchesInFlight: 8,
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 30_000,
  receiptTimeoutMs: 10_000,
  maxReceiptTimeoutMs: 300_000,
  retryBaseMs: 1_000,
  maxRetryMs: 60_000,
  deniedRetryMs: 60_000,
  mqttRetryMs: 30_000,
  maxMqttRetryMs: 600_000,
  hiddenIdleMs: 30_000,
};
