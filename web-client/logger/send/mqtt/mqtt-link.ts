/**
 * One MQTT 5 connection (the only file here that knows mqtt.js; mqtt-slim/ makes it small).
 *
 * A batch is done when its receipt arrives. The broker's PUBACK is not enough: it promises nothing about OpenSearch.
 * mqtt.js neither reconnects nor keeps anything: a connection that is lost is lost, and the courier sends again.
 */
import type { IClientOptions, MqttClient } from "mqtt";
import { logsTopic, mqttUserOfKey, receiptsTopic } from "#contract/wire/topics.ts";
import type { Parcel } from "../link.ts";
import type { Delivery, Dialed, Link } from "../link.ts";
import { gzip, isWorthGzip } from "../gzip.ts";
import type { Patience } from "./receipt-timeout.ts";
import { parseJson, toReceipt } from "../read-receipt.ts";

/** Opens a connection with mqtt.js; a test passes its own to trust a private CA. */
export type MqttConnect = (url: string, options: IClientOptions) => MqttClient;

/** Where and as whom to connect. */
export interface MqttLinkOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly patience: Patience;
  readonly connect?: MqttConnect | undefined;
}

/** MQTT 5.0, 2.4 and 3.4.2.1. Below 0x80 stands for success, but 0x10 means that nobody received the message. */
const NO_MATCHING_SUBSCRIBERS = 0x10;
const PACKET_TOO_LARGE = 0x95;
const DENIED_CODES: readonly number[] = [0x84, 0x85, 0x86, 0x87, 0x8a];

const codeOf = (value: unknown): number => {
  const holder: { code?: unknown; reasonCode?: unknown } = typeof value === "object" && value !== null ? value : {};
  const code = holder.code ?? holder.reasonCode;
  return typeof code === "number" ? code : 0;
};

const toRefusal = (code: number): Delivery => {
  if (DENIED_CODES.includes(code)) return { state: "denied" };
  return code === PACKET_TOO_LARGE ? { state: "too_large" } : { state: "retry" };
};

const loadConnect = async (): Promise<MqttConnect> => {
  const { connect } = await import("../../../mqtt-slim/entry.ts");
  return connect;
};

const createLink = (client: MqttClient, options: MqttLinkOptions): Link => {
  const { app, key, clientId, patience } = options;
  const user = mqttUserOfKey(app, key);
  const receipts = receiptsTopic(user, clientId);
  const closed = Promise.withResolvers<void>();
  const pending = new Map<string, (delivery: Delivery) => void>();
  let isDead = false;

  client.on("message", (topic, payload, packet) => {
    if (topic !== receipts) return;
    const decoder = new TextDecoder();
    const receipt = toReceipt(parseJson(decoder.decode(payload)));
    const correlation = packet.properties?.correlationData;
    const batchId = correlation === undefined ? receipt?.batch : decoder.decode(correlation);
    const settle = batchId === undefined ? undefined : pending.get(batchId);
    if (receipt === undefined || settle === undefined) return;
    patience.reset();
    settle({ state: "receipt", receipt });
  });
  const die = (): void => {
    isDead = true;
    // First the news that the link is gone, so that what is pending waits for the next one.
    closed.resolve();
    for (const settle of pending.values()) settle({ state: "retry", afterMs: 0 });
  };
  client.on("close", die);

  const send = ({ id, body }: Parcel): Promise<Delivery> =>
    new Promise((resolve) => {
      if (isDead) {
        resolve({ state: "retry" });
        return;
      }
      const waitMs = patience.ms;
      const settle = (delivery: Delivery): void => {
        clearTimeout(timer);
        pending.delete(id);
        resolve(delivery);
      };
      const timer = setTimeout(() => {
        patience.expired(waitMs);
        settle({ state: "retry", afterMs: 0 });
      }, waitMs);
      pending.set(id, settle);
      const correlationData = new TextEncoder().encode(id) as Buffer;
      const properties = { responseTopic: receipts, correlationData, contentType: "application/json" };
      const publish = (payload: string | Buffer): void => {
        if (isDead) return; // settled, as all that was pending
        client.publish(logsTopic(user, clientId), payload, { qos: 1, properties }, (error, packet) => {
          const code = codeOf(error ?? packet);
          if (error || code >= 0x80 || code === NO_MATCHING_SUBSCRIBERS) settle(toRefusal(code));
        });
      };
      if (isWorthGzip(body)) {
        gzip(body).then(
          (bytes) => publish(new Uint8Array(bytes) as Buffer),
          () => publish(body),
        );
      } else publish(body);
    });

  const close = (): void => {
    // With a DISCONNECT where nothing is open; else at once, because mqtt.js would wait for acknowledgements.
    client.end(pending.size > 0);
    die();
  };
  return { kind: "mqtt", send, closed: closed.promise, close };
};

/** Connects and subscribes to the receipts; never rejects. `signal` gives the attempt up. */
export const dialMqtt = async (options: MqttLinkOptions, signal: AbortSignal): Promise<Dialed> => {
  const { url, app, key, clientId, connectTimeoutMs } = options;
  try {
    const connect = options.connect ?? (await loadConnect());
    if (signal.aborted) return { state: "failed" };
    const user = mqttUserOfKey(app, key);
    const client = connect(url, {
      protocolVersion: 5,
      clean: true,
      clientId,
      username: user,
      password: key,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      // Hidden tabs' timers run once a minute: at 60 s the broker, which waits 90 s, still hears from them.
      keepalive: 60,
      // The default is a Web Worker from a blob: URL, which a strict Content-Security-Policy forbids.
      timerVariant: "native",
      resubscribe: false,
      writeCache: false,
      properties: { requestResponseInformation: true },
    });
    return await new Promise<Dialed>((resolve) => {
      const finish = (dialed: Dialed): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        if (dialed.state !== "open") client.end(true);
        resolve(dialed);
      };
      const giveUp = (): void => finish({ state: "failed" });
      const timer = setTimeout(() => finish({ state: "timed_out" }), connectTimeoutMs);
      signal.addEventListener("abort", giveUp);
      const link = createLink(client, options);
      // Stays for the whole life of the client: an `error` nobody listens to would be thrown into the page.
      client.on("error", (error) => finish({ state: DENIED_CODES.includes(codeOf(error)) ? "denied" : "failed" }));
      client.on("close", giveUp);
      client.on("connect", () => {
        client.subscribe(receiptsTopic(user, clientId), { qos: 1 }, (error, granted) => {
          const isRefused = error !== null || granted?.some(({ qos }) => qos >= 0x80) === true;
          finish(isRefused ? { state: "denied" } : { state: "open", link });
        });
      });
    });
  } catch {
    // mqtt.js could not be loaded, or the URL is none: the same as no connection.
    return { state: "failed" };
  }
};
