/**
 * What somebody may try. Over MQTT each attempt comes to `yes`, `no`, or `refused` when there is no connection at all;
 * over HTTP to the status of the answer.
 */
import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRelayFrame } from "#contract/relay/relay-frame.ts";
import { READER_USERNAME } from "#contract/wire/topics.ts";
import { tryConnect, type MqttOutcome, type TryingClient } from "./mqtt-client.ts";
import { OWN_ORIGIN, type Principal, type World } from "./access-test.ts";

export type Outcome = MqttOutcome | number;

/** Longer than a broker takes to notice a socket that was destroyed, and to publish a will. */
const WILL_MS = 300;

/** Longer than a log takes to a live tail. */
const TAIL_MS = 5_000;

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

/** On a live tail, with what they have as a reader token. */
const onTail = async (
  world: World,
  { login: { password } }: Principal,
  use: (client: TryingClient) => Promise<boolean>,
): Promise<Outcome> => {
  const url = `${world.line.stack.file.worker.replace("http", "ws")}/tail`;
  const login = { username: READER_USERNAME, ...(password === undefined ? {} : { password }) };
  await using client = await tryConnect(url, login);
  return client === undefined ? "refused" : toOutcome(await use(client));
};

/** Whether a tail may ask for `filter`, and is then given a log of the app `demo`. */
const tail = (world: World, who: Principal, filter: string, options: { readonly qos: 0 | 1 } = { qos: 0 }) =>
  onTail(world, who, async ({ client, got }) => {
    const isGranted = await client.subscribeAsync(filter, options).then(
      () => true,
      () => false,
    );
    if (!isGranted) return false;
    await world.victim.publish("logs/demo/victim");
    for (const deadline = Date.now() + TAIL_MS; !got.includes("logs/demo/victim"); await sleep(10)) {
      if (Date.now() > deadline) throw new Error(`${filter} was granted, and nothing came`);
    }
    return true;
  });

const publishOnTail = (world: World, who: Principal): Promise<Outcome> =>
  onTail(world, who, async ({ client }) => {
    const topic = "logs/demo/tail";
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    await client.publishAsync(topic, '{"body":"tail"}', { qos: 0 });
    await closed;
    const observer = world.observe(world.line.stack.file.mqtt);
    await observer.settle();
    return observer.got.includes(topic);
  });

const request = async (world: World, who: Principal, path: string, init: RequestInit = {}): Promise<number> => {
  const headers: Record<string, string> = who.authorization === undefined ? {} : { Authorization: who.authorization };
  const response = await fetch(new URL(path, world.line.stack.file.worker), { ...init, headers });
  await response.arrayBuffer();
  return response.status;
};

/** Status of the answer to an upgrade: 101, or that of the refusal. */
export const upgrade = (
  worker: string,
  headers: Readonly<Record<string, string>> = {},
  path = "/mqtt",
): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, worker), {
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
  "POST /logs": (world, who) => request(world, who, "/logs", { method: "POST", body: '{"body":"security"}' }),
  "POST /relay": (world, who) => request(world, who, "/relay", { method: "POST", body: encodeRelayFrame([]) }),
  "search demo": (world, who) => request(world, who, "/search?app=demo"),
  "search other": (world, who) => request(world, who, "/search?app=other"),
  "tail demo": (world, who) => tail(world, who, "logs/demo/+"),
  "tail other": (world, who) => tail(world, who, "logs/other/+"),
  "tail #": (world, who) => tail(world, who, "#"),
  "tail logs/#": (world, who) => tail(world, who, "logs/#"),
  "tail logs/+/+": (world, who) => tail(world, who, "logs/+/+"),
  "tail $share": (world, who) => tail(world, who, "$share/g/logs/demo/+"),
  "tail $SYS": (world, who) => tail(world, who, "$SYS/#"),
  "tail receipts": (world, who) => tail(world, who, "receipts/demo/+"),
  "tail with QoS 1": (world, who) => tail(world, who, "logs/demo/+", { qos: 1 }),
  "publish on a tail": publishOnTail,
  "read /reader": (world, who) => request(world, who, "/reader"),
  "/tail of its page": ({ line: { stack } }) =>
    upgrade(stack.file.worker, { Origin: new URL(stack.file.worker).origin }, "/tail"),
  "/tail of a page that logs": (world) => upgrade(world.line.stack.file.worker, { Origin: OWN_ORIGIN }, "/tail"),
  "/mqtt of its page": (world) => upgrade(world.line.stack.file.worker, { Origin: OWN_ORIGIN }),
  "/mqtt of a foreign page": (world) => upgrade(world.line.stack.file.worker, { Origin: "https://evil.example" }),
} as const satisfies Record<string, (world: World, who: Principal) => Promise<Outcome>>;

export type AttemptName = keyof typeof ATTEMPTS;
