/** The summary of a running stack: its addresses, and two commands that send a log when pasted into a shell. */
import { logsTopic, mqttUserOfKey } from "#contract/wire/topics.ts";
import { LISTENER_NAMES, LISTENERS, type Listener } from "../services/listeners.ts";
import type { StackFile } from "./stack-file.ts";

const quote = (text: string): string => `'${text}'`;

/** Labels and URLs of the listeners that clients use. */
const toListenerRows = (file: StackFile): (readonly [string, string])[] =>
  LISTENER_NAMES.flatMap((name) => {
    const { label }: Listener = LISTENERS[name];
    return label === undefined ? [] : [[label, file[name]] as const];
  });

/** `hint`: the last line, which explains how to stop the stack. */
export const toSummary = (file: StackFile, hint: string): string => {
  const { app, ca } = file;
  const { hostname, port } = new URL(file.mqtts);
  const client = "terminal-1";
  const user = mqttUserOfKey(app.id, app.key);
  const event = '{"severity":"info","body":"hello"}';
  const addresses: readonly (readonly [string, string])[] = [
    ["Demo", file.demo],
    ["Console", `${file.console}#token=${file.readerToken}`],
    ...toListenerRows(file),
    ["MQTT via Worker", `${file.worker.replace(/^http/, "ws")}/mqtt`],
    ["OpenSearch", file.opensearch],
    ["CA certificate", ca],
    ["App and key", `${app.id}:${app.key}`],
    ["Reader token", file.readerToken],
  ];
  const width = Math.max(...addresses.map(([name]) => name.length));
  const curl = `curl ${file.worker}/logs -u ${quote(`${app.id}:${app.key}`)} -d ${quote(event)}`;
  const publish =
    `mosquitto_pub -h ${hostname} -p ${port} --cafile ${quote(ca)} -u ${user} -P ${app.key} ` +
    `-i ${client} -t ${logsTopic(user, client)} -q 1 -m ${quote(event)}`;
  return [
    "",
    ...addresses.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`),
    "",
    "Send a log:",
    `  ${curl}`,
    `  ${publish}`,
    "",
    hint,
  ].join("\n");
};
