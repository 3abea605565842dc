/**
 * The state of the relay for `/healthz`. It is computed from values in memory, so the response never waits.
 */

/** A message held for longer means that the Worker or OpenSearch is stuck. Still 200: a restart would not help. */
const STALLED_MS = 60_000;
/** Duration for which a lost session, dropped and refused messages, and a state file that could not be read are reported. */
const LOSS_REPORTED_MS = 24 * 3_600_000;
const MIN_CERTIFICATE_DAYS = 14;
/** Share of the broker's queue limit above which the queue is reported as nearly full. */
const QUEUE_NEAR_LIMIT = 0.8;
/** Memory of the broker, in limits of a queue, above which it is reported. A queue that is full of small messages uses 1.8. */
const MAX_HEAP_QUEUES = 2;

/** The last request that failed. */
export interface LastFailure {
  /** The app of the messages; `undefined` if the request had messages of several apps. */
  readonly app: string | undefined;
  readonly failure: string;
  readonly detail: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The current state of the relay, as shown by `/healthz`. */
export interface RelayStatus {
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly inFlightRequests: number;
  readonly oldestUnacknowledgedMs: number;
  /** True while every session is connected and subscribed. */
  readonly isConnected: boolean;
  readonly sessions: number;
  readonly readySessions: number;
  /** Sessions whose requests fail and that are retried with backoff. */
  readonly slowSessions: number;
  /** Sessions that the broker has lost since this relay started. */
  readonly lostSessions: number;
  /** Unix time in milliseconds, like the two below. */
  readonly lastLossAtMs: number | undefined;
  /** Dropped by the broker since the state file was created. */
  readonly brokerDroppedMessages: number;
  readonly lastDropAtMs: number | undefined;
  /** False while the state file cannot be written. True without a state file. */
  readonly isStateSaved: boolean;
  /** When the relay started with a state file that it could not read. */
  readonly stateUnreadableAtMs: number | undefined;
  /** True if the handover file of an earlier relay could not be deleted. */
  readonly isHandoverStale: boolean;
  /** Messages that the Worker refused permanently since this relay started. They are lost. */
  readonly refusedMessages: number;
  readonly lastRefusalAtMs: number | undefined;
  /** Size of the payloads of all messages that wait in the broker, as far as reported. */
  readonly brokerStoredBytes: number;
  /** Memory that the broker has allocated. `undefined` until it is reported, and with brokers that do not report it. */
  readonly brokerHeapBytes: number | undefined;
  readonly brokerQueueBytes: number;
  /** True after the Worker refused the relay's clock, until it accepts a request. */
  readonly hasClockSkew: boolean;
  /** Days until the certificate of the broker's listener expires. `undefined` without TLS. */
  readonly certificateDays: number | undefined;
  readonly lastFailure: LastFailure | undefined;
}

export interface Health {
  /** `degraded`: connected, and at least one problem. */
  readonly status: "ok" | "degraded" | "stalled" | "disconnected";
  readonly problems: readonly string[];
}

export const toHealth = (status: RelayStatus, nowMs: number): Health => {
  const isRecent = (ms: number | undefined): boolean => ms !== undefined && nowMs - ms < LOSS_REPORTED_MS;
  const checks: Readonly<Record<string, boolean>> = {
    disconnected: !status.isConnected,
    stalled: status.oldestUnacknowledgedMs > STALLED_MS,
    session_lost: isRecent(status.lastLossAtMs),
    messages_dropped: isRecent(status.lastDropAtMs),
    messages_refused: isRecent(status.lastRefusalAtMs),
    queue_near_limit: status.brokerStoredBytes > status.brokerQueueBytes * QUEUE_NEAR_LIMIT,
    broker_memory: (status.brokerHeapBytes ?? 0) > status.brokerQueueBytes * MAX_HEAP_QUEUES,
    clock_skew: status.hasClockSkew,
    state_not_saved: !status.isStateSaved || status.isHandoverStale || isRecent(status.stateUnreadableAtMs),
    certificate_expires: (status.certificateDays ?? MIN_CERTIFICATE_DAYS) < MIN_CERTIFICATE_DAYS,
  };
  const problems = Object.keys(checks).filter((name) => checks[name] === true);
  const [first] = problems;
  if (first === undefined) return { status: "ok", problems };
  return { status: first === "disconnected" || first === "stalled" ? first : "degraded", problems };
};
