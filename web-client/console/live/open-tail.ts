/**
 * One MQTT connection of a live tail. The only file of the tail that uses mqtt.js; loaded on demand.
 *
 * Messages are processed one at a time. If the page is too slow, unread messages accumulate at the Worker, which skips
 * some and reports their number.
 */
import type { IClientOptions, IPublishPacket, MqttClient, Packet } from "mqtt";
import type { ReadableApp } from "#contract/api/reader.ts";
import { READER_USERNAME, TAIL_SKIPPED_TOPIC } from "#contract/wire/topics.ts";
import { connect as connectSlim } from "../../mqtt-slim/entry.ts";
import { batchEvents } from "./batch-events.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import type { TailEvent } from "./tail-event.ts";
import { throwAsync } from "./throw-async.ts";
import { toTailEvents } from "./to-tail-events.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 60;

/**
 * Why the events of a message are missing: the page read too slowly, or only the Worker can decode it. The latter includes
 * invalid messages, which are not stored.
 */
export type MissedReason = "skipped" | "undecoded";

export type OnMissed = (messages: number, reason: MissedReason) => void;

/** mqtt.js's `connect`. Tests pass the one for Node.js. */
export type TailConnect = (url: string, options: IClientOptions) => MqttClient;

export interface OpenTailOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly token: string;
  readonly apps: readonly ReadableApp[];
  readonly onLive: () => void;
  readonly onEvents: (events: readonly TailEvent[]) => void;
  /** Called with the number of messages whose events were not, or not all, passed to `onEvents`. */
  readonly onMissed: OnMissed;
  readonly signal: AbortSignal;
  readonly connect?: TailConnect | undefined;
}

const reasonOf = (packet: Packet): string | undefined => {
  if (packet.cmd !== "connack" && packet.cmd !== "disconnect") return undefined;
  return packet.properties?.reasonString;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves with the reason when the connection ends or cannot be established. */
export const openTail = (options: OpenTailOptions): Promise<string> => {
  const { url, token, apps, onLive, onEvents, onMissed, signal, connect = connectSlim } = options;
  const retention = new Map(apps.map(({ id, retentionDays }) => [id, retentionDays]));
  const limitRate = createRateLimiter();
  const emit = batchEvents(onEvents, signal);
  let skipped = 0;
  let messages = 0;

  const handle = async ({ topic, payload }: IPublishPacket): Promise<void> => {
    if (signal.aborted) return;
    const receivedAt = Date.now();
    if (topic === TAIL_SKIPPED_TOPIC) {
      const total = Number(payload.toString());
      if (total > skipped) onMissed(total - skipped, "skipped");
      skipped = total;
      return;
    }
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    const number = messages;
    messages += 1;
    const { events, isPartial } = await toTailEvents({ topic, payload: bytes, receivedAt, number }, (app) =>
      retention.get(app),
    );
    if (signal.aborted) return;
    if (events.length > 0) emit(events);
    if (isPartial) onMissed(1, "undecoded");
    const waitMs = limitRate(Math.max(1, events.length), receivedAt);
    if (waitMs > 0) await sleep(waitMs);
  };

  return new Promise((resolve) => {
    let reason: string | undefined;
    const client = connect(url, {
      protocolVersion: 5,
      clean: true,
      username: READER_USERNAME,
      password: token,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_SECONDS,
      // The default is a Web Worker from a blob: URL, which the page's Content-Security-Policy forbids.
      timerVariant: "native",
      resubscribe: false,
      writeCache: false,
    });
    const close = (): void => {
      client.end(true);
    };
    signal.addEventListener("abort", close);
    client.handleMessage = (packet, done) => {
      handle(packet)
        .catch(throwAsync)
        .then(() => done(), throwAsync);
    };
    client.on("packetreceive", (packet) => (reason ??= reasonOf(packet)));
    client.on("error", () => undefined);
    client.on("connect", () => {
      client.subscribe(
        apps.flatMap(({ tail }) => tail),
        { qos: 0 },
        (error) => {
          if (error === null) onLive();
          else close();
        },
      );
    });
    client.on("close", () => {
      signal.removeEventListener("abort", close);
      resolve(reason ?? "connection_lost");
    });
  });
};
