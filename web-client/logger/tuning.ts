/**
 * Numbers that decide when and how much the logger sends. The defaults are below the contract's limits.
 */
export interface Tuning {
  /** Events that may be queued or in flight. Beyond it the least severe and oldest are dropped. Default: 10,000. */
  readonly maxQueuedEvents: number;
  /**
   * Bytes of the events that may be queued or in flight, as they are stored: events that were written together also have the attributes
   * that they share, and their resource. Default: 8 MiB.
   */
  readonly maxQueuedBytes: number;
  /** Events of earlier pages that are older than this are dropped. Default: seven days. */
  readonly maxKeepMs: number;
  /** Maximum number of events in a batch. Default: 500. */
  readonly maxBatchEvents: number;
  /** Maximum size of a batch in bytes. Default: 256 KiB. */
  readonly maxBatchBytes: number;
  /**
   * Over HTTP an event waits at most this time for others; `error` and `fatal` are sent at once. A request costs the page
   * milliseconds of its main thread, and the server a run of the Worker. Default: 1,000.
   */
  readonly maxAgeMs: number;
  /**
   * Over MQTT, where messages are cheap, an event waits at most this time for others, in addition to the 100 ms between
   * two writes of the logger. Default: 0.
   */
  readonly maxMqttAgeMs: number;
  /** Maximum number of batches without an outcome. Default: 8. */
  readonly maxBatchesInFlight: number;
  /** Time limit for connecting over MQTT. Default: 5,000. */
  readonly connectTimeoutMs: number;
  /** Time limit for a request over HTTP. Default: 30,000. */
  readonly requestTimeoutMs: number;
  /** A batch sent over MQTT is sent again if it has no receipt after this time. Default: 10,000. */
  readonly receiptTimeoutMs: number;
  /** The receipt timeout doubles up to this time, and is reset by a receipt. Default: 300,000. */
  readonly maxReceiptTimeoutMs: number;
  /** First delay of the exponential backoff after a failure. Default: 1,000. */
  readonly retryBaseMs: number;
  /** Longest delay of the backoff. Default: 60,000. */
  readonly maxRetryMs: number;
  /** Delay after the server did not accept the app or the key. Default: 60,000. */
  readonly deniedRetryMs: number;
  /** First delay before MQTT is tried again while HTTP is used. It doubles with each failure. Default: 30,000. */
  readonly mqttRetryMs: number;
  /** Longest delay before MQTT is tried again. Default: 600,000. */
  readonly maxMqttRetryMs: number;
  /** A hidden page closes its MQTT connection after this time without a batch. Default: 30,000. */
  readonly hiddenIdleMs: number;
}

/** The defaults. */
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
