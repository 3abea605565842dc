/**
 * The relay's settings. Environment variables only: other users can read the arguments of a process.
 * Durations end in `_MS` (milliseconds) or `_SECONDS`, sizes in `_BYTES`. README.md lists them all.
 */
import { readFileSync } from "node:fs";
import * as z from "zod";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { MAX_RELAY_MESSAGES, MAX_RELAY_REQUEST_BYTES } from "#contract/wire/limits.ts";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";

/** Messages that the broker may send before the first of them is acknowledged (MQTT 5, Receive Maximum). */
const DEFAULT_RECEIVE_MAXIMUM = 8_000;

/** Size of the messages held in memory. Above it the relay stops reading, and further messages wait in the broker. */
const DEFAULT_MAX_HELD_BYTES = 8 * 1_048_576;

/**
 * Payload bytes in one request to the Worker: about 5,000 events, near the best size of a bulk request for OpenSearch. One core stores
 * a request, so the end of a backlog in larger requests would leave the others idle.
 */
const DEFAULT_MAX_BATCH_BYTES = 1_048_576;

const DEFAULT_MAX_BATCH_MESSAGES = 2_000;

/** `max_queued_bytes` in broker/mosquitto/mosquitto.conf. */
const DEFAULT_BROKER_QUEUE_BYTES = 512 * 1_048_576;

/** The broker's listener without TLS, on the same machine. */
export const DEFAULT_BROKER_URL = "mqtt://127.0.0.1:1883";

const envSchema = z.object({
  RELAY_BROKER_URL: z.url({ protocol: /^mqtts?$/ }).default(DEFAULT_BROKER_URL),
  RELAY_BROKER_USERNAME: z.string().default(RELAY_USERNAME),
  RELAY_BROKER_PASSWORD: z.string().min(1),
  /** Path of a CA certificate in PEM, for `mqtts://`. Default: the CAs of Node.js. */
  RELAY_BROKER_CA: z.string().optional(),
  /**
   * Random, secret, and the same at every start. Brokers that do not bind client ids to user names let any authenticated
   * client take over a session by its client id and discard its queue.
   */
  RELAY_CLIENT_ID: z.string().min(20),
  /** Group of the shared subscription, for clustered brokers only. Default: no shared subscription. */
  RELAY_GROUP: z.string().min(1).optional(),
  /**
   * Whether this relay receives the messages on the topic `mqtt`. Set it to false in all relays but one if they have a users file
   * each: otherwise each of them would receive these messages, and events without ids would be stored several times.
   */
  RELAY_LEGACY_TOPIC: z.stringbool().default(true),
  RELAY_WORKER_URL: z.url({ protocol: /^https?$/ }),
  RELAY_TOKEN: z.string().min(32),
  RELAY_HTTP_HOST: z.string().default("127.0.0.1"),
  RELAY_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(9464),
  RELAY_RECEIVE_MAXIMUM: z.coerce.number().int().min(1).max(65_535).default(DEFAULT_RECEIVE_MAXIMUM),
  /** A dead connection is detected after at most 1.5 times this interval. */
  RELAY_KEEPALIVE_SECONDS: z.coerce.number().int().min(1).max(3_600).default(60),
  RELAY_MAX_HELD_BYTES: z.coerce.number().int().min(1).default(DEFAULT_MAX_HELD_BYTES),
  RELAY_MAX_BATCH_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_RELAY_REQUEST_BYTES / 2)
    .default(DEFAULT_MAX_BATCH_BYTES),
  RELAY_MAX_BATCH_MESSAGES: z.coerce.number().int().min(1).max(MAX_RELAY_MESSAGES).default(DEFAULT_MAX_BATCH_MESSAGES),
  /** How long a message waits for others before its batch is sent. */
  RELAY_LINGER_MS: z.coerce.number().int().min(0).default(10),
  /** Concurrent requests to the Worker. */
  RELAY_MAX_IN_FLIGHT: z.coerce.number().int().min(1).default(3),
  /** How long a stop waits for held messages to be stored. Keep it below the 15 s after which supervisors send SIGKILL. */
  RELAY_DRAIN_DEADLINE_MS: z.coerce.number().int().min(0).max(60_000).default(10_000),
  /**
   * Path of the handover file, on persistent storage. Default: no file; then events without ids can be stored twice when a
   * relay stops before the Worker has responded.
   */
  RELAY_HANDOVER_FILE: z.string().min(1).optional(),
  /**
   * Path of the state file, on persistent storage. Default: no file; then the relay does not detect that a session was lost
   * while it was stopped.
   */
  RELAY_STATE_FILE: z.string().min(1).optional(),
  /**
   * Path of the users file: one MQTT user name a line. The relay opens a durable session for each, and reads the file again
   * each second. Default: no file; one session for all users.
   */
  RELAY_USERS_FILE: z.string().min(1).optional(),
  /** The broker's limit for the queue of one client. /healthz warns at 80 % of it. */
  RELAY_BROKER_QUEUE_BYTES: z.coerce.number().int().min(1).default(DEFAULT_BROKER_QUEUE_BYTES),
});

export interface RelayConfig {
  readonly broker: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly ca: Buffer | undefined;
    readonly clientId: string;
    readonly group: string | undefined;
    readonly receivesLegacyTopic: boolean;
    readonly receiveMaximum: number;
    readonly keepaliveSeconds: number;
  };
  readonly worker: { readonly url: string; readonly token: string };
  readonly http: { readonly host: string; readonly port: number };
  readonly maxHeldBytes: number;
  readonly batch: { readonly maxBytes: number; readonly maxMessages: number; readonly lingerMs: number };
  readonly maxInFlight: number;
  readonly drainDeadlineMs: number;
  readonly handoverFile: string | undefined;
  readonly stateFile: string | undefined;
  readonly usersFile: string | undefined;
  readonly brokerQueueBytes: number;
}

/** Throws an error with the names of the missing or invalid variables, but without their values. */
export const parseConfig = (variables: Readonly<Record<string, string | undefined>>): RelayConfig => {
  const parsed = envSchema.safeParse(omitEmpty(variables));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")} (${issue.message})`);
    throw new Error(`Invalid relay configuration: ${problems.join("; ")}`);
  }
  const env = parsed.data;
  if (env.RELAY_USERS_FILE !== undefined && env.RELAY_STATE_FILE === undefined) {
    throw new Error("Invalid relay configuration: RELAY_USERS_FILE needs RELAY_STATE_FILE");
  }
  if (env.RELAY_USERS_FILE !== undefined && env.RELAY_GROUP !== undefined) {
    throw new Error("Invalid relay configuration: RELAY_USERS_FILE and RELAY_GROUP exclude each other");
  }
  return {
    broker: {
      url: env.RELAY_BROKER_URL,
      username: env.RELAY_BROKER_USERNAME,
      password: env.RELAY_BROKER_PASSWORD,
      ca: env.RELAY_BROKER_CA === undefined ? undefined : readFileSync(env.RELAY_BROKER_CA),
      clientId: env.RELAY_CLIENT_ID,
      group: env.RELAY_GROUP,
      receivesLegacyTopic: env.RELAY_LEGACY_TOPIC,
      receiveMaximum: env.RELAY_RECEIVE_MAXIMUM,
      keepaliveSeconds: env.RELAY_KEEPALIVE_SECONDS,
    },
    worker: { url: env.RELAY_WORKER_URL, token: env.RELAY_TOKEN },
    http: { host: env.RELAY_HTTP_HOST, port: env.RELAY_HTTP_PORT },
    maxHeldBytes: env.RELAY_MAX_HELD_BYTES,
    batch: {
      maxBytes: env.RELAY_MAX_BATCH_BYTES,
      maxMessages: env.RELAY_MAX_BATCH_MESSAGES,
      lingerMs: env.RELAY_LINGER_MS,
    },
    maxInFlight: env.RELAY_MAX_IN_FLIGHT,
    drainDeadlineMs: env.RELAY_DRAIN_DEADLINE_MS,
    handoverFile: env.RELAY_HANDOVER_FILE,
    stateFile: env.RELAY_STATE_FILE,
    usersFile: env.RELAY_USERS_FILE,
    brokerQueueBytes: env.RELAY_BROKER_QUEUE_BYTES,
  };
};
