/**
 * One connection of a live tail (the only file here that knows mqtt.js; loaded when a tail is wanted).
 *
 * Messages are taken one at a time, and the next is read when the one before is shown: what the page can't follow stays
 * at the Worker, which leaves it out and says how much that was.
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

/** Opens a connection with mqtt.js; a test passes that of Node. */
export type TailConnect = (url: string, options: IClientOptions) => MqttClient;

export interface OpenTailOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly token: string;
  readonly apps: readonly ReadableApp[];
  readonly onLive: () => void;
  readonly onEvents: (events: readonly TailEvent[]) => void;
  /** Messages that are not, or not wholly, among the events. */
  readonly onMissed: (messages: number) => void;
  readonly signal: AbortSignal;
  readonly connect?: TailConnect | undefined;
}

const toReason = (packet: Packet): string | undefined => {
  if (packet.cmd !== "connack" && packet.cmd !== "disconnect") return undefined;
  return packet.properties?.reasonString;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves with the reason when the connection has ended, or never came about. */
export const openTail = (options: OpenTailOptions): Promise<string> => {
  const { url, token, apps, onLive, onEvents, onMissed, signal, connect = connectSlim } = options;
  const retention = new Map(apps.map(({ id, retentionDays }) => [id, retentionDays]));
  const pace = createRateLimiter();
  const show = batchEvents(onEvents, signal);
  let skipped = 0;

  const take = async ({ topic, payload }: IPublishPacket): Promise<void> => {
    if (signal.aborted) return;
    const receivedAt = Date.now();
    if (topic === TAIL_SKIPPED_TOPIC) {
      const total = Number(payload.toString());
      if (total > skipped) onMissed(total - skipped);
      skipped = total;
      return;
    }
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    const { events, isPartial } = await toTailEvents({ topic, payload: bytes, receivedAt }, (app) =>
      retention.get(app),
    );
    if (signal.aborted) return;
    if (events.length > 0) show(events);
    if (isPartial) onMissed(1);
    const waitMs = pace(Math.max(1, events.length), receivedAt);
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
      take(packet)
        .catch(throwAsync)
        .then(() => done(), throwAsync);
    };
    client.on("packetreceive", (packet) => (reason ??= toReason(packet)));
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
