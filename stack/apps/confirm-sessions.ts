/** Waits until a relay has a durable session for each new MQTT user. The broker drops messages without a session. */
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "../lib/stack-error.ts";

/** Tests set it, if they run other commands meanwhile. */
const DEADLINE_VARIABLE = "EDGELOG_TEST_SESSION_DEADLINE_MS";
const DEADLINE_MS = 10_000;
const POLL_MS = 200;
const REQUEST_TIMEOUT_MS = 2_000;

/** `undefined` if the relay does not respond. */
const requestStatus = async (relay: string, user: string): Promise<number | undefined> => {
  const url = new URL(`/sessions/${encodeURIComponent(user)}`, relay);
  return await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    () => undefined,
  );
};

const PROBLEMS: Readonly<Record<number, string>> = {
  404: "it does not have the user in its users file (RELAY_USERS_FILE)",
  503: "it has not opened the session yet",
};

/**
 * The status that counts: only the relay whose users file has the user responds with another one than 404. `undefined` if a
 * relay does not respond and no other one has the user.
 */
const requestStatuses = async (relays: readonly string[], user: string): Promise<number | undefined> => {
  const statuses = await Promise.all(relays.map((relay) => requestStatus(relay, user)));
  const found = [200, 503].find((status) => statuses.includes(status));
  return found ?? (statuses.includes(undefined) ? undefined : statuses[0]);
};

const toProblem = (status: number | undefined): string =>
  status === undefined ? "it does not respond" : (PROBLEMS[status] ?? `it responds with status ${status}`);

/**
 * Resolves when one of the relays responds with 200 to `GET /sessions/{user}` for each user. Throws a {@link StackError} after
 * 10 seconds.
 *
 * @param relays URLs of the HTTP ports.
 */
export const confirmSessions = async (relays: readonly string[], users: readonly string[]): Promise<void> => {
  const deadline = performance.now() + Number(process.env[DEADLINE_VARIABLE] ?? DEADLINE_MS);
  for (const user of users) {
    for (;;) {
      const status = await requestStatuses(relays, user);
      if (status === 200) break;
      if (performance.now() > deadline) {
        throw new StackError(
          `The relay at ${relays.join(" or ")} has no session for the MQTT user ${user}: ${toProblem(status)}.\n` +
            "Its password is not in the broker's password file, so it cannot send over MQTT yet. " +
            "When the relay runs, complete the change: npm run app -- sync",
        );
      }
      await sleep(POLL_MS);
    }
  }
};
