/** `npm run end-sessions -- USER`: ends the broker's sessions of a user whose key was revoked. */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { DEFAULT_BROKER_URL } from "../../broker/relay/src/config.ts";
import { readSecretFiles } from "../../broker/relay/src/secret-files.ts";
import { messageOf } from "../../worker/src/message-of.ts";
import { assertNoMore, runCommand } from "../lib/command-line.ts";
import { print } from "../lib/print.ts";
import { readVariable } from "../lib/read-variable.ts";
import { StackError } from "../lib/stack-error.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";
import { endSessions } from "../sessions/end-sessions.ts";
import { readSessions } from "../sessions/read-sessions.ts";

const HELP = `Usage: npm run end-sessions -- USER [--database FILE]

Ends the sessions of an MQTT user at the broker and frees their memory: messages and receipts that wait in them are deleted.
USER is the id of the app, or ID.2 and so on for a later key. Revoke the key first, and let the broker save its sessions (SIGUSR1):
docs/operate/broker.md#free-the-memory-of-a-revoked-user

  --database FILE  the file in which the broker saves its sessions (default: data/mosquitto.db in the folder of EDGELOG_PASSWORDS, or
                   in broker/mosquitto/state)

RELAY_BROKER_PASSWORD, or the path of a file with it in RELAY_BROKER_PASSWORD_FILE: the password of the relay. RELAY_BROKER_URL and
RELAY_BROKER_USERNAME: default ${DEFAULT_BROKER_URL} and ${RELAY_USERNAME}.`;

const findDatabase = (): string => {
  const passwords = readVariable("EDGELOG_PASSWORDS");
  const state = passwords === undefined ? join(ROOT_DIR, "broker", "mosquitto", "state") : dirname(passwords);
  return join(state, "data", "mosquitto.db");
};

const readEnv = (): Readonly<Record<string, string | undefined>> => {
  try {
    return omitEmpty(readSecretFiles(process.env));
  } catch (error) {
    throw new StackError(messageOf(error));
  }
};

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { database: { type: "string" }, help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return print(HELP);
  assertNoMore(positionals, 1);
  const [user] = positionals;
  if (user === undefined) throw new StackError(HELP);
  if (user.startsWith("_")) throw new StackError(`The sessions of ${user} hold the messages of the apps.`);
  const env = readEnv();
  const password = env["RELAY_BROKER_PASSWORD"];
  if (password === undefined) throw new StackError("Pass the password of the relay in RELAY_BROKER_PASSWORD.");
  const sessions = (await readSessions(values.database ?? findDatabase())).filter((session) => session.user === user);
  await endSessions(
    {
      url: env["RELAY_BROKER_URL"] ?? DEFAULT_BROKER_URL,
      username: env["RELAY_BROKER_USERNAME"] ?? RELAY_USERNAME,
      password,
    },
    sessions.map(({ clientId }) => clientId),
  );
  print(`Ended ${pluralize(sessions.length, "session")} of ${user}.`);
});
