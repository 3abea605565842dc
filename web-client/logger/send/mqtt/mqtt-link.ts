/**
 * One MQTT 5 connection. The only file here that uses mqtt.js, which mqtt-slim/ bundles without its unused parts.
 *
 * A batch is settled by its receipt. The broker's PUBACK is not enough: it does not mean that OpenSearch has the events.
 * mqtt.js neither reconnects nor stores messages: after a connection is lost the sender sends its batches again.
 */
import { logsTopic, mqttUserOfKey, receiptsTopic } from "#contract/wire/topics.ts";
import { parseJson } from "../../parse-json.ts";
import { gzipText, startTimer, stopTimer } from "../../platform.ts";
import { isWorthGzip } from "../gzip.ts";
import type { EncodedBatch, Link, OpenResult, SendResult } from "../link.ts";
import { toReceipt } from "../read-receipt.ts";
import type { MqttConnect, MqttConnection } from "./mqtt-client.ts";
import type { ReceiptTimeout } from "./receipt-timeout.ts";

export interface MqttLinkOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly receiptTimeout: ReceiptTimeout;
  readonly connect?: MqttConnect | undefined;
  /** Called with the error of a failed attempt to connect. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Reason codes, MQTT 5.0, 2.4 and 3.4.2.1. Codes below 0x80 are successes, except 0x10: the message had no subscriber.
 */
const NO_MATCHING_SUBSCRIBERS = 0x10;
const PACKET_TOO_LARGE = 0x95;
const DENIED_CODES: readonly number[] = [0x84, 0x85, 0x86, 0x87, 0x8a];

const codeOf = (value: unknown): number => {
  const holder: { code?: unknown; reasonCode?: unknown } = typeof value === "object" && value !== null ? value : {};
  const code = holder.code ?? holder.reasonCode;
  return typeof code === "number" ? code : 0;
};

const resultOfCode = (code: number): SendResult => {
  if (DENIED_CODES.includes(code)) return { state: "denied" };
  return code === PACKET_TOO_LARGE ? { state: "too_large" } : { state: "retry" };
};

const loadConnect = async (): Promise<MqttConnect> => {
  const { connect } = await import("../../../mqtt-slim/entry.ts");
  return connect;
};

const createLink = (client: MqttConnection, options: MqttLinkOptions): Link => {
  const { app, key, clientId, receiptTimeout } = options;
  const user = mqttUserOfKey(app, key);
  const receipts = receiptsTopic(user, clientId);
  const closed = Promise.withResolvers<void>();
  const pending = new Map<string, (result: SendResult) => void>();
  let isClosed = false;

  client.on("message", (topic, payload, packet) => {
    if (topic !== receipts) return;
    const decoder = new TextDecoder();
    const receipt = toReceipt(parseJson(decoder.decode(payload)));
    const correlation = packet.properties?.correlationData;
    const batchId = correlation === undefined ? receipt?.batch : decoder.decode(correlation);
    const settle = batchId === undefined ? undefined : pending.get(batchId);
    if (receipt === undefined || settle === undefined) return;
    receiptTimeout.reset();
    settle({ state: "receipt", receipt });
  });
  const markClosed = (): void => {
    isClosed = true;
    // `closed` resolves before the batches are settled, so that they wait for the next link.
    closed.resolve();
    for (const settle of pending.values()) settle({ state: "retry", afterMs: 0 });
  };
  client.on("close", markClosed);

  const send = ({ id, body }: EncodedBatch): Promise<SendResult> =>
    new Promise((resolve) => {
      if (isClosed) {
        resolve({ state: "retry" });
        return;
      }
      const waitMs = receiptTimeout.ms;
      const settle = (result: SendResult): void => {
        stopTimer(timer);
        pending.delete(id);
        resolve(result);
      };
      const timer = startTimer(() => {
        receiptTimeout.expired(waitMs);
        settle({ state: "retry", afterMs: 0 });
      }, waitMs);
      pending.set(id, settle);
      const correlationData = new TextEncoder().encode(id);
      const properties = { responseTopic: receipts, correlationData, contentType: "application/json" };
      const publish = (payload: string | Uint8Array): void => {
        if (isClosed) return; // settled by markClosed
        client.publish(logsTopic(user, clientId), payload, { qos: 1, properties }, (error, packet) => {
          const code = codeOf(error ?? packet);
          if (error || code >= 0x80 || code === NO_MATCHING_SUBSCRIBERS) settle(resultOfCode(code));
        });
      };
      if (isWorthGzip(body)) {
        gzipText(body).then(
          (bytes) => publish(new Uint8Array(bytes)),
          () => publish(body),
        );
      } else publish(body);
    });

  const close = (): void => {
    // If batches are pending, no DISCONNECT is sent: mqtt.js would first wait for their acknowledgements.
    client.end(pending.size > 0);
    markClosed();
  };
  return { kind: "mqtt", send, closed: closed.promise, close };
};

/** Connects and subscribes to the receipts; never rejects. `signal` aborts the attempt. */
export const openMqttLink = async (options: MqttLinkOptions, signal: AbortSignal): Promise<OpenResult> => {
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
      // Browsers run timers of hidden tabs once a minute. The broker closes the connection after 90 s.
      keepalive: 60,
      // The default is a Web Worker from a blob: URL, which a strict Content-Security-Policy blocks.
      timerVariant: "native",
      resubscribe: false,
      writeCache: false,
      properties: { requestResponseInformation: true },
    });
    return await new Promise<OpenResult>((resolve) => {
      const finish = (result: OpenResult): void => {
        stopTimer(timer);
        signal.removeEventListener("abort", fail);
        if (result.state !== "open") client.end(true);
        resolve(result);
      };
      const fail = (): void => finish({ state: "failed" });
      const timer = startTimer(() => finish({ state: "timed_out" }), connectTimeoutMs);
      signal.addEventListener("abort", fail);
      const link = createLink(client, options);
      // Never removed: an `error` event without a listener is thrown as an uncaught error of the page.
      client.on("error", (error) => {
        options.onError?.(error);
        finish({ state: DENIED_CODES.includes(codeOf(error)) ? "denied" : "failed" });
      });
      client.on("close", fail);
      client.on("connect", () => {
        client.subscribe(receiptsTopic(user, clientId), { qos: 1 }, (error, granted) => {
          const isRefused = error !== null || granted?.some(({ qos }) => qos >= 0x80) === true;
          finish(isRefused ? { state: "denied" } : { state: "open", link });
        });
      });
    });
  } catch (error) {
    options.onError?.(error);
    // mqtt.js cannot be loaded, or the URL is invalid
    return { state: "failed" };
  }
};
