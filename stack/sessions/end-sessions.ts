/**
 * Ends sessions at the broker, and deletes the messages that wait in them: a connection with the same client id, Clean Start and no
 * session expiry replaces a session, whichever user it has.
 */
import mqtt from "mqtt";
import { pluralize } from "#contract/wire/quantity.ts";
import { StackError } from "../lib/stack-error.ts";

/** Connections at a time. */
const CONCURRENCY = 20;
const CONNECT_TIMEOUT_MS = 30_000;

export interface BrokerLogin {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** The URL without user and password, which may be printed. */
const toPrintable = (url: string): string => {
  const parsed = URL.parse(url);
  return parsed === null ? "the URL in RELAY_BROKER_URL" : `${parsed.protocol}//${parsed.host}`;
};

const toSentence = (error: unknown, { url, username }: BrokerLogin): string => {
  const broker = toPrintable(url);
  if (error instanceof mqtt.ErrorWithReasonCode) {
    return `The broker at ${broker} refused the user ${username} (${error.message}). Check RELAY_BROKER_PASSWORD and RELAY_BROKER_USERNAME.`;
  }
  // The message of an `AggregateError`, for a name with several addresses, is empty.
  const { code, message } = error as NodeJS.ErrnoException;
  return `Cannot connect to the broker at ${broker} (${message === "" ? code : message}). Is it running, and is RELAY_BROKER_URL right?`;
};

/** Throws a {@link StackError} with the number of ended sessions if the broker cannot be reached, or refuses the user. */
export const endSessions = async (login: BrokerLogin, clientIds: readonly string[]): Promise<void> => {
  const { url, username, password } = login;
  const left = clientIds.values();
  const errors: unknown[] = [];
  let ended = 0;
  const endNext = async (): Promise<void> => {
    for (const clientId of left) {
      if (errors.length > 0) return;
      try {
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
        ended += 1;
        await client.endAsync();
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, endNext));
  if (errors.length === 0) return;
  throw new StackError(
    `${toSentence(errors[0], login)} Ended ${ended} of ${pluralize(clientIds.length, "session")}; run the command again for the rest.`,
  );
};
