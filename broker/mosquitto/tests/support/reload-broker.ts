import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { tryConnect } from "../../../../tests/support/security/mqtt-client.ts";
import { waitFor } from "../../../../tests/support/wait-for.ts";
import { hashPassword } from "../../../../stack/apps/password-file.ts";
import { pathsOf } from "../../../../stack/lib/state-dir.ts";
import type { Broker } from "../../../../stack/services/broker.ts";

/** Adds a user, sends SIGHUP, and waits until the broker accepts the user: it has then handled the signal. */
export const reloadBroker = async (broker: Broker, home: string): Promise<void> => {
  const login = { username: `reloaded-${randomUUID()}`, password: "reloaded" };
  await appendFile(pathsOf(home).passwords, `${login.username}:${hashPassword(login.password)}\n`);
  broker.kill("SIGHUP");
  await waitFor("the new user", async () => {
    await using client = await tryConnect(broker.mqttUrl, login);
    return client !== undefined;
  });
};
