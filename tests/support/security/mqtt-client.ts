/** An MQTT 5 client that tries what it may not, and tells what came of it. */
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from "mqtt";
import { v7 as uuidv7 } from "uuid";

/** `refused`: there is no connection at all. */
export type MqttOutcome = "yes" | "no" | "refused";

export interface Login {
  readonly username?: string;
  readonly password?: string;
}

export interface TryingClient extends AsyncDisposable {
  readonly client: MqttClient;
  readonly clientId: string;
  /** Topics of what was delivered. */
  readonly got: readonly string[];
  /** Whether the broker took it: denied is a reason code from 0x80 on, or the end of the connection. */
  publish(topic: string, options?: IClientPublishOptions): Promise<boolean>;
  /** Resolves once everything that the broker sent before has arrived. */
  settle(): Promise<void>;
}

/** `undefined` when the broker refuses the connection. */
export const tryConnect = async (
  url: string,
  login: Login,
  options: IClientOptions = {},
): Promise<TryingClient | undefined> => {
  const clientId = options.clientId ?? `sec-${uuidv7()}`;
  const client = await mqtt
    .connectAsync(
      url,
      { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 5_000, clientId, ...login, ...options },
      false,
    )
    .catch(() => undefined);
  if (client === undefined) return undefined;
  const got: string[] = [];
  client.on("message", (topic) => got.push(topic));
  client.on("error", () => undefined);
  return {
    client,
    clientId,
    got,
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
