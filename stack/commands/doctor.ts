/** `npm run doctor [URL]`: sends one event through each route, reads every signal, and explains each problem. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { omitEmpty } from "#contract/check/omit-empty.ts";
import { assertNoMore, runCommand } from "../lib/command-line.ts";
import { hasFailed, toLines } from "../lib/finding.ts";
import { examine } from "../doctor/examine.ts";
import { summarize } from "../doctor/summarize.ts";
import { createProbe } from "../doctor/probe.ts";
import type { DoctorTarget } from "../doctor/target.ts";
import { StackError } from "../lib/stack-error.ts";
import { readStackFile } from "../lib/stack-file.ts";
import { defaultHome } from "../lib/state-dir.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { print } from "../lib/print.ts";

const HELP = `Usage: npm run doctor -- [URL] [options]

Sends one event over HTTP, over /mqtt of the Worker and over each listener of the broker; searches for them; watches a live tail; and
reads the health of the Worker, the relay and the cron jobs. Exit status 1 if there is a problem.

  URL             the Worker (default: the running local stack)
  --broker URL    a public listener of the broker, mqtts://HOST:8883 or wss://HOST:8084; repeatable
  --ca FILE       CA certificate of the broker

Variables: EDGELOG_APP and EDGELOG_KEY, EDGELOG_READER_TOKEN, RELAY_URL. Checks without their variable are skipped, and the last line
names it. Without EDGELOG_APP and EDGELOG_KEY no event is sent: of the broker, only the connection and the certificate are checked.
The events stay in the app, with the attribute doctor.route.`;

const findTarget = async (
  url: string | undefined,
  brokers: readonly string[],
): Promise<{ readonly target: DoctorTarget; readonly ca: string | undefined }> => {
  const {
    EDGELOG_APP: app,
    EDGELOG_KEY: key,
    EDGELOG_READER_TOKEN: readerToken,
    RELAY_URL: relay,
  } = omitEmpty(process.env);
  const credentials = app === undefined || key === undefined ? undefined : { app, key };
  if (url !== undefined) return { target: { worker: url, credentials, readerToken, relay, brokers }, ca: undefined };
  const file = await readStackFile(defaultHome());
  if (file === undefined) throw new StackError("No stack is running. Start one, or pass the URL of the Worker.");
  const target = {
    worker: file.worker,
    credentials: credentials ?? { app: file.app.id, key: file.app.key },
    readerToken: readerToken ?? file.readerToken,
    relay: relay ?? file.relayHealth,
    brokers: brokers.length > 0 ? brokers : [file.mqtts, file.wss],
  };
  return { target, ca: file.ca };
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      broker: { type: "string", multiple: true, default: [] },
      ca: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(HELP);
  assertNoMore(positionals, 1);
  const { target, ca } = await findTarget(positionals[0], values.broker);
  const file = values.ca ?? ca;
  const findings = await examine(createProbe(file === undefined ? undefined : await readFile(file)), target);
  print(toLines(findings));
  if (!hasFailed(findings)) return print(`\n${summarize(findings, target)}`);
  const count = findings.filter(({ result }) => result === "failed").length;
  throw new StackError(`\n${pluralize(count, "problem")}, see above and docs/operate/troubleshooting.md`);
};

await runCommand(main);
