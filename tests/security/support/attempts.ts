/**
 * What somebody may try. Over MQTT each attempt comes to `yes`, `no`, or `refused` when there is no connection at all;
 * over HTTP to the status of the answer.
 */
import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRelayFrame } from "../../../contract/relay-frame.ts";
import { tryConnect, type MqttOutcome, type TryingClient } from "./mqtt-client.ts";
import { OWN_ORIGIN, type Principal, type World } from "./world.ts";

export type Outcome = MqttOutcome | number;

/** Longer than a broker takes to notice a socket that was destroyed, and to publish a will. */
const WILL_MS = 300;

const toOutcome = (isDone: boolean): Outcome => (isDone ? "yes" : "no");

const connected = async (who: Principal, use: (client: TryingClient) => Promise<boolean>): Promise<Outcome> => {
  await using client = await tryConnect(who.mqtt, who.login);
  return client === undefined ? "refused" : toOutcome(await use(client));
};

const publish = (world: World, who: Principal, toTopic: (clientId: string) => string): Promise<Outcome> =>
  connected(who, async (client) => {
    const observer = world.observe(who.mqtt);
    const topic = toTopic(client.clientId);
    const isTaken = await client.publish(topic);
    await observer.settle();
    // MQTT 3.1.1 and older brokers tell nothing of a denial: what counts is what is delivered.
    return observer.got.includes(topic) && isTaken;
  });

/** Whether a message that `publisher` sends to a topic reaches a client that subscribed to `filter`. */
const read = (
  who: Principal,
  filter: string | ((clientId: string) => string),
  publisher: TryingClient,
  toTopic: (clientId: string) => string,
): Promise<Outcome> =>
  connected(who, async (client) => {
    await client.client.subscribeAsync(typeof filter === "string" ? filter : filter(client.clientId), { qos: 1 });
    const topic = toTopic(client.clientId);
    if (!(await publisher.publish(topic))) throw new Error(`the publisher may not publish to ${topic}`);
    await client.settle();
    return client.got.includes(topic);
  });

const leaveWill = async (world: World, who: Principal, toTopic: (clientId: string) => string): Promise<Outcome> => {
  const clientId = `will-${Math.random().toString(36).slice(2)}`;
  const topic = toTopic(clientId);
  const will = { topic, payload: Buffer.from('{"body":"will"}'), qos: 1 as const, retain: false };
  const client = await tryConnect(who.mqtt, who.login, { clientId, will });
  if (client === undefined) return "refused";
  client.client.stream.destroy();
  await sleep(WILL_MS);
  const observer = world.observe(who.mqtt);
  await observer.settle();
  return toOutcome(observer.got.includes(topic));
};

const ask = async (world: World, who: Principal, path: string, init: RequestInit = {}): Promise<number> => {
  const headers: Record<string, string> = who.authorization === undefined ? {} : { Authorization: who.authorization };
  const response = await fetch(new URL(path, world.line.stack.file.worker), { ...init, headers });
  await response.arrayBuffer();
  return response.status;
};

/** Status of the answer to an upgrade: 101, or that of the refusal. */
export const upgrade = (worker: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(new URL("/mqtt", worker), {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        "Sec-WebSocket-Protocol": "mqtt",
        ...headers,
      },
    });
    request.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once("error", reject).end();
  });

const ownLogs = (who: Principal) => (clientId: string) => who.ownTopic ?? `logs/${who.user}/${clientId}`;
const ownReceipts = (who: Principal) => (clientId: string) => `receipts/${who.user}/${clientId}`;
const otherLogs = (who: Principal) => (clientId: string) =>
  `logs/${who.user === "demo" ? "other" : "demo"}/${clientId}`;

export const ATTEMPTS = {
  "publish own": (world, who) => publish(world, who, ownLogs(who)),
  "publish as another client": (world, who) => publish(world, who, () => `logs/${who.user}/somebody-else`),
  "publish to another app": (world, who) => publish(world, who, otherLogs(who)),
  "publish receipts": (_, who) => connected(who, (client) => client.publish("receipts/demo/victim")),
  "publish $CONTROL": (_, who) => connected(who, (client) => client.publish("$CONTROL/dynamic-security/v1")),
  "read own receipts": (world, who) => read(who, ownReceipts(who), world.observe(who.mqtt), ownReceipts(who)),
  "read others' receipts": (world, who) =>
    read(who, "receipts/#", world.observe(who.mqtt), () => `receipts/${who.user}/somebody-else`),
  "subscribe #": ({ victim }, who) => read(who, "#", victim, () => "logs/demo/victim"),
  "subscribe $share": ({ victim }, who) => read(who, "$share/g/logs/+/+", victim, () => "logs/demo/victim"),
  "subscribe $SYS": async (world, who) => (await world.whoHearsSys()).get(who) ?? "refused",
  "publish retained": (_, who) =>
    connected(who, (client) => client.publish(ownLogs(who)(client.clientId), { retain: true })),
  "leave a will": (world, who) => leaveWill(world, who, ownLogs(who)),
  "leave a will to another app": (world, who) => leaveWill(world, who, otherLogs(who)),
  "POST /logs": (world, who) => ask(world, who, "/logs", { method: "POST", body: '{"body":"security"}' }),
  "POST /relay": (world, who) => ask(world, who, "/relay", { method: "POST", body: encodeRelayFrame([]) }),
  "search demo": (world, who) => ask(world, who, "/search?app=demo"),
  "search other": (world, who) => ask(world, who, "/search?app=other"),
  "/mqtt of its page": (world) => upgrade(world.line.stack.file.worker, { Origin: OWN_ORIGIN }),
  "/mqtt of a foreign page": (world) => upgrade(world.line.stack.file.worker, { Origin: "https://evil.example" }),
} as const satisfies Record<string, (world: World, who: Principal) => Promise<Outcome>>;

export type AttemptName = keyof typeof ATTEMPTS;
