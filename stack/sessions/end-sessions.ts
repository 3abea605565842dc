/**
 * Ends sessions at the broker, and deletes the messages that wait in them: a connection with the same client id, Clean Start and no
 * session expiry replaces a session, whichever user it has.
 */
import mqtt from "mqtt";

/** Connections at a time. */
const CONCURRENCY = 20;
const CONNECT_TIMEOUT_MS = 30_000;

export interface BrokerLogin {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export const endSessions = async (
  { url, username, password }: BrokerLogin,
  clientIds: readonly string[],
): Promise<void> => {
  const left = clientIds.values();
  const endNext = async (): Promise<void> => {
    for (const clientId of left) {
      const client = await mqtt.connectAsync(
        url,
        {
          protocolVersion: 5,
          clientId,
          clean: true,
          username,
          password,
          reconnectPeriod: 0,
          connectTimeout: CONNECT_TIMEOUT_MS,
        },
        false,
      );
      await client.endAsync();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, endNext));
};
