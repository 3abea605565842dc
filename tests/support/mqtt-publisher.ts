/** An MQTT client that publishes batches and collects their receipts. */
import mqtt, { type MqttClient } from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { receiptSchema, type Receipt } from "#contract/wire/receipt.ts";
import { logsTopic, mqttUserOfKey, receiptsTopic } from "#contract/wire/topics.ts";

export interface PublisherOptions {
  readonly url: string;
  readonly app: string;
  readonly key: string;
  readonly clientId?: string;
  readonly ca?: Buffer;
}

export interface Publisher extends AsyncDisposable {
  readonly client: MqttClient;
  readonly receipts: ReadonlyMap<string, Receipt>;
  /** Resolves with the broker's PUBACK. */
  publish(payload: string | Buffer, correlation?: string): Promise<void>;
  /** Publishes a batch of events with these bodies and new ids. */
  publishBatch(bodies: readonly string[], correlation?: string): Promise<void>;
  /** Resolves with the receipt of the payload with this correlation id. Default timeout: 20,000 ms. */
  receipt(correlation: string, timeoutMs?: number): Promise<Receipt>;
}

export const startPublisher = async (options: PublisherOptions): Promise<Publisher> => {
  const clientId = options.clientId ?? `test-${uuidv7()}`;
  const user = mqttUserOfKey(options.app, options.key);
  const client = await mqtt.connectAsync(options.url, {
    protocolVersion: 5,
    clientId,
    username: user,
    password: options.key,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const topic = receiptsTopic(user, clientId);
  const receipts = new Map<string, Receipt>();
  const waiting = new Map<string, (receipt: Receipt) => void>();
  client.on("message", (_, payload, packet) => {
    const correlation = packet.properties?.correlationData?.toString() ?? "";
    const receipt = receiptSchema.parse(JSON.parse(payload.toString()));
    receipts.set(correlation, receipt);
    waiting.get(correlation)?.(receipt);
  });
  await client.subscribeAsync(topic, { qos: 1 });

  const publish = async (payload: string | Buffer, correlation = uuidv7()): Promise<void> => {
    await client.publishAsync(logsTopic(user, clientId), payload, {
      qos: 1,
      properties: { responseTopic: topic, correlationData: Buffer.from(correlation) },
    });
  };
  return {
    client,
    receipts,
    publish,
    publishBatch: (bodies, correlation) =>
      publish(
        JSON.stringify({
          v: 1,
          id: uuidv7(),
          resource: { "service.name": "test" },
          events: bodies.map((body) => ({ id: uuidv7(), body })),
        }),
        correlation,
      ),
    receipt: (correlation, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const known = receipts.get(correlation);
        if (known !== undefined) return resolve(known);
        const timer = setTimeout(
          () => reject(new Error(`No receipt for ${correlation} within ${timeoutMs} ms`)),
          timeoutMs,
        );
        waiting.set(correlation, (receipt) => {
          clearTimeout(timer);
          resolve(receipt);
        });
      }),
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
};
