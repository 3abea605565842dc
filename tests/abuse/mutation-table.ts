/** The bounds that the attacks prove, and the change that removes each. */
export interface Mutation {
  readonly bound: string;
  readonly file: string;
  /** Text that the file contains `occurrences` times. Each is replaced by `to`. */
  readonly from: string;
  readonly to: string;
  /** Default: 1. */
  readonly occurrences?: number;
  /** Text in the name of the attack that must break a bound without this one. */
  readonly row: string;
  /** Whether two seconds of the attack are enough. */
  readonly isShort?: boolean;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    bound: "documents of a payload",
    file: "worker/src/ingest/plan-delivery.ts",
    from: "> MAX_PAYLOAD_DOCUMENT_BYTES)",
    to: "> 1_000_000_000)",
    occurrences: 3,
    row: "1 batch that expands to 238 MB, MQTT",
  },
  {
    bound: "shared fields that rejected events repeat",
    file: "contract/wire/limits.ts",
    from: "MAX_REPEATED_SHARED_LENGTH = 65_536",
    to: "MAX_REPEATED_SHARED_LENGTH = 1_000_000_000",
    row: "2 rejected events that repeat a large resource",
  },
  {
    bound: "turns of the sessions of apps",
    file: "broker/relay/src/relay-session.ts",
    from: "lanes: createLanes(),",
    to: "lanes: ((globalThis as { lanes?: ReturnType<typeof createLanes> }).lanes ??= createLanes()),",
    row: "5 flood of valid events",
  },
  {
    bound: "turns of sessions whose messages were deferred",
    file: "broker/relay/src/forwarder.ts",
    from: "lanes.fresh.isDeferred = !served.has(session);",
    to: "lanes.fresh.isDeferred = false;",
    row: "batches that expand to almost the limit",
  },
  {
    bound: "duration of requests with messages of several apps",
    file: "broker/relay/src/fair-queue.ts",
    from: "const TARGET_MS = 250;",
    to: "const TARGET_MS = 600_000;",
    row: "5 flood of valid events",
  },
  {
    bound: "searches in progress",
    file: "worker/src/read/limited-reads.ts",
    from: "const turn = await searches.acquire(1, owner);",
    to: "const turn = { release: () => undefined };",
    row: "20 exports at a time",
  },
  {
    bound: "bytes in flight for each client of the broker",
    file: "broker/mosquitto/mosquitto.conf",
    from: "max_inflight_bytes 16777216",
    to: "",
    row: "largest valid batches",
  },
  {
    bound: "QoS of messages",
    file: "broker/mosquitto/mosquitto.conf",
    from: "\nmax_qos 1",
    to: "",
    occurrences: 4,
    row: "QoS 2 messages",
    isShort: true,
  },
  {
    bound: "the log names an app that sends faster than its messages can be stored",
    file: "broker/relay/src/relay-session.ts",
    from: "if (pause !== undefined) onHeldBack(message);",
    to: "",
    row: "5 flood of valid events",
  },
  {
    bound: "timeout of OpenSearch for an unassigned shard",
    file: "worker/src/opensearch/bulk-create.ts",
    from: 'SHARD_TIMEOUT = "2s"',
    to: 'SHARD_TIMEOUT = "60s"',
    row: "4 red index of another retention class",
  },
  {
    bound: "a lost session is logged",
    file: "broker/relay/src/sessions.ts",
    from: "if (isSessionPresent || known[name] === undefined) return;",
    to: "if (isSessionPresent || known[name] !== name) return;",
    row: "6 client with the relay's client id",
  },
  {
    bound: "messages of unknown apps are retried",
    file: "worker/src/routes/admit-messages.ts",
    from: "return new Set(unknown);",
    to: "return new Set();",
    row: "7 KV without apps",
  },
  {
    bound: "KV is checked after a message of an unknown app",
    file: "worker/src/routes/admit-messages.ts",
    from: "if (unknown.length > 0) cachedHealth.suspectApps();",
    to: "",
    row: "7 KV without apps",
  },
  {
    bound: "timeout of the health check",
    file: "worker/src/health/settle.ts",
    from: "CHECK_TIMEOUT_MS = 1_500",
    to: "CHECK_TIMEOUT_MS = 60_000",
    row: "8 OpenSearch hangs",
    isShort: true,
  },
  {
    bound: "one health check at a time",
    file: "worker/src/health/cached-health.ts",
    from: "startedMs !== undefined && isYounger(nowMs, startedMs, MAX_CHECK_MS)",
    to: "startedMs !== undefined && isYounger(nowMs, startedMs, -1)",
    row: "8 OpenSearch hangs",
    isShort: true,
  },
  {
    bound: "difference of the clocks",
    file: "contract/wire/limits.ts",
    from: "MAX_RELAY_CLOCK_SKEW_MS = 2 * MINUTE_MS",
    to: "MAX_RELAY_CLOCK_SKEW_MS = 2_000 * MINUTE_MS",
    row: "relay whose clock is 10 minutes ahead",
  },
  {
    bound: "memory for bodies of one app",
    file: "worker/src/routes/ingest-memory.ts",
    from: "maxForOwner: () => 2 * MIB",
    to: "maxForOwner: () => 8 * MIB",
    row: "POST /logs that sends one byte a second",
  },
  {
    bound: "memory for small bodies that large ones do not use",
    file: "worker/src/routes/ingest-memory.ts",
    from: "sentBytes <= MAX_SMALL_BODY_BYTES ? smallBodies : largeBodies",
    to: "sentBytes < 0 ? smallBodies : largeBodies",
    row: "POST /logs of five apps",
  },
  {
    bound: "open live tails of a token",
    file: "contract/wire/limits.ts",
    from: "MAX_READER_TAILS = 16",
    to: "MAX_READER_TAILS = 1_000",
    row: "500 live tails",
  },
  {
    bound: "ports of webhooks",
    file: "worker/src/alerts/channels/webhook-url.ts",
    from: 'if (!PUBLIC_PORTS.has(url.port)) return "forbidden_port";',
    to: "",
    row: "11 webhooks",
    isShort: true,
  },
  {
    bound: "receipts of other clients",
    file: "broker/mosquitto/acl",
    from: "pattern read receipts/%u/%c/#",
    to: "pattern read receipts/#",
    row: "subscriptions to #",
    isShort: true,
  },
];
