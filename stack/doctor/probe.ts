/** How the doctor reaches a deployment. Its checks depend on these interfaces only. */
import { connect as connectTls, getCACertificates } from "node:tls";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { DAY_MS } from "#contract/wire/durations.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { logsTopic, mqttUserOfKey, READER_USERNAME, receiptsTopic, tailFilter } from "#contract/wire/topics.ts";
import { parseReceipt } from "./parse-response.ts";

const HTTP_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** The relay retries for longer than this, but a receipt that takes longer is a problem. */
const RECEIPT_TIMEOUT_MS = 15_000;

export interface HttpResult {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export type MqttResult =
  | { readonly state: "receipt"; readonly receipt: Receipt }
  /** Connected and published; no receipt in time. */
  | { readonly state: "no_receipt" }
  /** The broker refused user or password. */
  | { readonly state: "denied" }
  | { readonly state: "unreachable"; readonly detail: string };

export type ConnectResult = { readonly state: "running" } | { readonly state: "unreachable"; readonly detail: string };

export type TailResult =
  | { readonly state: "received" | "nothing" }
  | { readonly state: "refused"; readonly detail: string };

export interface AppCredentials {
  readonly app: string;
  readonly key: string;
}

export interface Probe {
  /** Throws an error with a `code` if there is no response. */
  readonly http: (url: string, init?: RequestInit) => Promise<HttpResult>;
  /** Publishes one event and waits for its receipt. */
  readonly sendOverMqtt: (url: string, credentials: AppCredentials, event: object) => Promise<MqttResult>;
  /** Connects over MQTT without a user. A broker that refuses the user is running. */
  readonly connectWithoutUser: (url: string) => Promise<ConnectResult>;
  /** Subscribes to the live tail of an app, calls `send`, and waits for a message. */
  readonly watchTail: (url: string, app: string, token: string, send: () => Promise<void>) => Promise<TailResult>;
  /** Days until the certificate of a TLS listener expires, and whether its name and CA are accepted. */
  readonly readCertificate: (url: string) => Promise<{ readonly days: number; readonly error?: string }>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** The public CAs, and a private one if there is one: `/mqtt` of the Worker has a public certificate, the broker may have a private one. */
const toTrusted = (ca: Buffer | undefined): { readonly ca?: string[] } =>
  ca === undefined ? {} : { ca: [...getCACertificates("default"), ca.toString()] };

const toCode = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : String(message ?? "no response");
};

/** MQTT 5 reason codes of a CONNACK that concern user and password. */
const DENIED_CODES: ReadonlySet<unknown> = new Set([134, 135, 138, 140]);

const connectMqtt = async (url: string, options: mqtt.IClientOptions): Promise<mqtt.MqttClient> => {
  const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    // `connectAsync` waits without an end if the server closes the connection, for example because it refuses WebSockets.
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("error", reject);
      client.once("close", () => reject(new Error("the server closed the connection")));
      timer = setTimeout(() => reject(new Error("no response")), CONNECT_TIMEOUT_MS);
    });
  } catch (error) {
    client.end(true);
    throw error;
  } finally {
    clearTimeout(timer);
    // Without a listener, a packet that cannot be parsed would end the process. The checks time out.
    client.on("error", () => undefined);
  }
  return client;
};

const sendOverMqtt =
  (ca: Buffer | undefined): Probe["sendOverMqtt"] =>
  async (url, { app, key }, event) => {
    const user = mqttUserOfKey(app, key);
    const clientId = `doctor-${uuidv7()}`;
    const topic = receiptsTopic(user, clientId);
    let client: mqtt.MqttClient;
    try {
      client = await connectMqtt(url, { clientId, username: user, password: key, ...toTrusted(ca) });
    } catch (error) {
      const { code } = error as { code?: unknown };
      return DENIED_CODES.has(code) ? { state: "denied" } : { state: "unreachable", detail: toCode(error) };
    }
    try {
      const receipt = new Promise<Receipt>((resolve) => {
        client.on("message", (_, payload) => {
          const parsed = parseReceipt(payload);
          if (parsed !== undefined) resolve(parsed);
        });
      });
      const timeout = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), RECEIPT_TIMEOUT_MS));
      await client.subscribeAsync(topic, { qos: 1 });
      await client.publishAsync(logsTopic(user, clientId), JSON.stringify(event), {
        qos: 1,
        properties: { responseTopic: topic, correlationData: Buffer.from("doctor") },
      });
      const result = await Promise.race([receipt, timeout]);
      return result === undefined ? { state: "no_receipt" } : { state: "receipt", receipt: result };
    } catch (error) {
      return { state: "unreachable", detail: toCode(error) };
    } finally {
      client.end(true);
    }
  };

const connectWithoutUser =
  (ca: Buffer | undefined): Probe["connectWithoutUser"] =>
  async (url) => {
    try {
      const client = await connectMqtt(url, { clientId: `doctor-${uuidv7()}`, ...toTrusted(ca) });
      client.end(true);
      return { state: "running" };
    } catch (error) {
      const { code } = error as { code?: unknown };
      return DENIED_CODES.has(code) ? { state: "running" } : { state: "unreachable", detail: toCode(error) };
    }
  };

const watchTail: Probe["watchTail"] = async (url, app, token, send) => {
  let client: mqtt.MqttClient;
  try {
    client = await connectMqtt(url, { clientId: `doctor-${uuidv7()}`, username: READER_USERNAME, password: token });
  } catch (error) {
    return { state: "refused", detail: toCode(error) };
  }
  try {
    const received = new Promise<"received">((resolve) => client.on("message", () => resolve("received")));
    const timeout = new Promise<"nothing">((resolve) => setTimeout(() => resolve("nothing"), RECEIPT_TIMEOUT_MS));
    await client.subscribeAsync(tailFilter(app), { qos: 0 });
    await send();
    return { state: await Promise.race([received, timeout]) };
  } catch (error) {
    return { state: "refused", detail: toCode(error) };
  } finally {
    client.end(true);
  }
};

const readCertificate =
  (ca: Buffer | undefined): Probe["readCertificate"] =>
  (url) =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const servername = /[a-z]/i.test(hostname) ? hostname : "localhost";
      const options = { host: hostname, port: Number(port || 443), servername, rejectUnauthorized: false };
      const socket = connectTls({ ...options, ...toTrusted(ca) }, () => {
        const { valid_to: end } = socket.getPeerCertificate();
        const error = socket.authorizationError as unknown;
        socket.destroy();
        const days = (Date.parse(end) - Date.now()) / DAY_MS;
        resolve(error === null || error === undefined ? { days } : { days, error: String(error) });
      });
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error("no response")));
      socket.on("error", reject);
    });

/** @param ca Certificate of the broker's private CA, in addition to the public CAs. */
export const createProbe = (ca: Buffer | undefined): Probe => ({
  async http(url, init = {}) {
    try {
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(HTTP_TIMEOUT_MS), ...init });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw new Error(toCode(error), { cause: error });
    }
  },
  sendOverMqtt: sendOverMqtt(ca),
  connectWithoutUser: connectWithoutUser(ca),
  watchTail,
  readCertificate: readCertificate(ca),
  nowMs: Date.now,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
