/** An MQTT 5 client that reports whether the broker allowed an operation. */
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from "mqtt";
import { v7 as uuidv7 } from "uuid";

/** `refused`: the broker refused the connection. */
export type MqttOutcome = "yes" | "no" | "refused";

export interface Login {
  readonly username?: string;
  readonly password?: string;
}

export interface AccessClient extends AsyncDisposable {
  readonly client: MqttClient;
  readonly clientId: string;
  /** Topics of the received messages. */
  readonly receivedTopics: readonly string[];
  /** Whether the broker accepted it. A reason code of 0x80 or above, or a closed connection, is a denial. */
  publish(topic: string, options?: IClientPublishOptions): Promise<boolean>;
  /** Resolves when all messages that the broker sent before this call have arrived. */
  settle(): Promise<void>;
}

/** `undefined` when the broker refuses the connection. */
export const tryConnect = async (
  url: string,
  login: Login,
  options: IClientOptions = {},
): Promise<AccessClient | undefined> => {
  const clientId = options.clientId ?? `sec-${uuidv7()}`;
  const client = await mqtt
    .connectAsync(
      url,
      { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 5_000, clientId, ...login, ...options },
      false,
    )
    .catch(() => undefined);
  if (client === undefined) return undefined;
  const receivedTopics: string[] = [];
  client.on("message", (topic) => receivedTopics.push(topic));
  client.on("error", () => undefined);
  return {
    client,
    clientId,
    receivedTopics,
    publish: (topic, publishOptions = {}) =>
      new Promise((resolve) => {
        client.once("close", () => resolve(false));
        client.publish(topic, JSON.stringify({ body: "security" }), { qos: 1, ...publishOptions }, (error, packet) => {
          const { reasonCode } = (packet ?? {}) as { reasonCode?: number };
          resolve(!error && (reasonCode ?? 0) < 0x80);
        });
      }),
    settle: async () => {
      await client.subscribeAsync(`settle/${uuidv7()}`);
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true);
    },
  };
};
