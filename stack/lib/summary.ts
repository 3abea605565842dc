/** What to tell about a running stack: where it is, and two lines to try that work as they are printed. */
import { logsTopic, mqttUserOfKey } from "#contract/wire/topics.ts";
import type { StackFile } from "./stack-file.ts";

const quote = (text: string): string => `'${text}'`;

export const toSummary = (file: StackFile, ending: string): string => {
  const { app, ca } = file;
  const { hostname, port } = new URL(file.mqtts);
  const client = "terminal-1";
  const user = mqttUserOfKey(app.id, app.key);
  const event = '{"severity":"info","body":"hello"}';
  const addresses: readonly (readonly [string, string])[] = [
    ["Demo", file.demo],
    ["Console", `${file.console}#token=${file.readerToken}`],
    ["MQTT", file.mqtt],
    ["MQTT over TLS", file.mqtts],
    ["MQTT over WSS", `${file.wss}  (or ${file.worker.replace(/^http/, "ws")}/mqtt)`],
    ["OpenSearch", file.opensearch],
    ["CA certificate", ca],
  ];
  const width = Math.max(...addresses.map(([name]) => name.length));
  const curl = `curl ${file.worker}/logs -H ${quote(`Authorization: Bearer ${app.id}:${app.key}`)} -d ${quote(event)}`;
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
    ending,
  ].join("\n");
};
