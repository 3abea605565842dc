/** Code that runs in the page, which loads this file as a module, without its types. */
import type { IClientOptions, MqttClient } from "mqtt";

export interface Publication {
  readonly script: string;
  readonly url: string;
  readonly options: IClientOptions;
  readonly topic: string;
  readonly count: number;
  /** Number of messages that are published together, followed by a pause. 0: all messages at once. */
  readonly burst: number;
  /** Whether the client is ended by force when its connection closes. */
  readonly endsOnClose?: boolean;
}

type Connect = (url: string, options: IClientOptions) => MqttClient;

const load = async (script: string): Promise<Connect> => ((await import(script)) as { connect: Connect }).connect;

export interface Published {
  readonly acked: number;
  /** The numbers of the messages whose callback got an error. */
  readonly failed: readonly number[];
  /** Number of connections that closed before the last callback. */
  readonly closes: number;
  readonly ackedInMs: number;
}

/** Publishes `count` messages with QoS 1 and resolves when mqtt.js has called back for each. */
export const publishMany = async (publication: Publication): Promise<Published> => {
  const { script, url, options, topic, count, burst, endsOnClose = false } = publication;
  const connect = await load(script);
  const client = connect(url, options);
  let closes = 0;
  client.on("close", () => (closes += 1));
  if (endsOnClose) client.on("close", () => client.end(true));
  await new Promise((resolve) => client.once("connect", resolve));
  const started = performance.now();
  let acked = 0;
  const failed: number[] = [];
  const callbacks: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const payload = JSON.stringify({ n, text: "żółw 🍏 ".repeat(20) });
    callbacks.push(
      new Promise((resolve) => {
        client.publish(topic, payload, { qos: 1, properties: { contentType: "application/json" } }, (error) => {
          if (error) failed.push(n);
          else acked += 1;
          resolve();
        });
      }),
    );
    if (burst > 0 && n % burst === burst - 1) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(callbacks);
  const ackedInMs = performance.now() - started;
  const closesUntilNow = closes;
  client.end();
  return { acked, failed, closes: closesUntilNow, ackedInMs };
};

export interface Conversation extends Omit<Publication, "count" | "burst"> {
  readonly receipts: string;
}

/** Subscribes, publishes a request, and returns all properties of the response. */
export const converse = async ({ script, url, options, topic, receipts }: Conversation): Promise<unknown> => {
  const connect = await load(script);
  const events: string[] = [];
  const client = connect(url, options);
  for (const event of ["connect", "close", "end", "offline"] as const) client.on(event, () => events.push(event));
  const connack = await new Promise<{ reasonCode?: number }>((resolve) => client.once("connect", resolve));
  const granted = await client.subscribeAsync(receipts, { qos: 1 });
  const message = new Promise<unknown>((resolve) => {
    client.on("message", (at, payload, packet) => {
      const { correlationData, contentType } = packet.properties ?? {};
      const correlation = new TextDecoder().decode(correlationData);
      resolve({
        at,
        text: new TextDecoder().decode(payload),
        same: payload.toString(),
        correlation,
        contentType,
        qos: packet.qos,
      });
    });
  });
  const correlationData = new TextEncoder().encode("batch-1") as Buffer;
  const properties = { responseTopic: receipts, correlationData, contentType: "application/json" };
  const packet = await client.publishAsync(topic, "{}", { qos: 1, properties });
  const received = await message;
  await client.endAsync();
  return { reasonCode: connack.reasonCode, granted, callbackPacket: packet?.cmd, received, events };
};

/** Resolves with the errors of a connection that is refused or cannot be opened. */
export const fail = async ({
  script,
  url,
  options,
}: Omit<Publication, "topic" | "count" | "burst">): Promise<unknown> => {
  const connect = await load(script);
  const events: unknown[] = [];
  const client = connect(url, options);
  client.on("error", (error) => events.push([error.message, "code" in error ? error.code : undefined]));
  await new Promise<void>((resolve) => client.once("close", resolve));
  client.end(true);
  return events;
};

export interface ConnectCost {
  readonly importMs: number;
  /** Duration of the call of `connect`, without the time until it is connected. */
  readonly connectMs: number;
}

/** Connects, publishes once, and keeps the client, so that its memory can be measured. */
export const connectAndKeep = async ({
  script,
  url,
  options,
  topic,
}: Omit<Conversation, "receipts">): Promise<ConnectCost> => {
  const begun = performance.now();
  const connect = await load(script);
  const loaded = performance.now();
  const client = connect(url, options);
  const connectMs = performance.now() - loaded;
  await new Promise((resolve) => client.once("connect", resolve));
  await client.publishAsync(topic, "{}", { qos: 1 });
  Object.assign(globalThis, { kept: client });
  return { importMs: loaded - begun, connectMs };
};
