/**
 * The operations of the access test. The result of an MQTT operation is `yes`, `no`, or `refused` if the broker refused the
 * connection; the result of an HTTP request is its status.
 */
import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeRelayFrame } from "#contract/relay/relay-frame.ts";
import { READER_USERNAME } from "#contract/wire/topics.ts";
import { tryConnect, type MqttOutcome, type AccessClient } from "./mqtt-client.ts";
import { OWN_ORIGIN, type Principal, type AccessFixture } from "./access-fixture.ts";

export type Outcome = MqttOutcome | number;

/** Longer than an event takes to reach a live tail. */
const TAIL_MS = 5_000;

const toOutcome = (isDone: boolean): Outcome => (isDone ? "yes" : "no");

const withClient = async (who: Principal, use: (client: AccessClient) => Promise<boolean>): Promise<Outcome> => {
  await using client = await tryConnect(who.mqtt, who.login);
  return client === undefined ? "refused" : toOutcome(await use(client));
};

const publish = (fixture: AccessFixture, who: Principal, toTopic: (clientId: string) => string): Promise<Outcome> =>
  withClient(who, async (client) => {
    const observer = fixture.observe(who.mqtt);
    const topic = toTopic(client.clientId);
    const isAcknowledged = await client.publish(topic);
    await observer.settle();
    // Some brokers acknowledge a denied message, so the message must also be delivered.
    return observer.receivedTopics.includes(topic) && isAcknowledged;
  });

/** Whether a message from `publisher` reaches a client that subscribed to `filter`. */
const read = (
  who: Principal,
  filter: string | ((clientId: string) => string),
  publisher: AccessClient,
  toTopic: (clientId: string) => string,
): Promise<Outcome> =>
  withClient(who, async (client) => {
    await client.client.subscribeAsync(typeof filter === "string" ? filter : filter(client.clientId), { qos: 1 });
    const topic = toTopic(client.clientId);
    if (!(await publisher.publish(topic))) throw new Error(`The publisher cannot publish to ${topic}`);
    await client.settle();
    return client.receivedTopics.includes(topic);
  });

const leaveWill = async (
  fixture: AccessFixture,
  who: Principal,
  toTopic: (clientId: string) => string,
): Promise<Outcome> => {
  const clientId = `will-${Math.random().toString(36).slice(2)}`;
  const topic = toTopic(clientId);
  const will = { topic, payload: Buffer.from('{"body":"will"}'), qos: 1 as const, retain: false };
  const client = await tryConnect(who.mqtt, who.login, { clientId, will });
  if (client === undefined) return "refused";
  client.client.stream.destroy();
  // The broker publishes the will when it notices the closed socket, at the latest before it accepts the same client id.
  await using successor = await tryConnect(who.mqtt, who.login, { clientId });
  if (successor === undefined) throw new Error(`The client ${clientId} cannot reconnect`);
  const observer = fixture.observe(who.mqtt);
  await observer.settle();
  return toOutcome(observer.receivedTopics.includes(topic));
};

/** Connects to the live tail with the password of the principal as reader token. */
const onTail = async (
  fixture: AccessFixture,
  { login: { password } }: Principal,
  use: (client: AccessClient) => Promise<boolean>,
): Promise<Outcome> => {
  const url = `${fixture.stack.file.worker.replace("http", "ws")}/tail`;
  const login = { username: READER_USERNAME, ...(password === undefined ? {} : { password }) };
  await using client = await tryConnect(url, login);
  return client === undefined ? "refused" : toOutcome(await use(client));
};

/** Whether a tail can subscribe to `filter` and then receives an event of the app `demo`. */
const tail = (fixture: AccessFixture, who: Principal, filter: string, options: { readonly qos: 0 | 1 } = { qos: 0 }) =>
  onTail(fixture, who, async ({ client, receivedTopics }) => {
    const isGranted = await client.subscribeAsync(filter, options).then(
      () => true,
      () => false,
    );
    if (!isGranted) return false;
    await fixture.victim.publish("logs/demo/victim");
    for (const deadline = Date.now() + TAIL_MS; !receivedTopics.includes("logs/demo/victim"); await sleep(10)) {
      if (Date.now() > deadline) throw new Error(`${filter} was granted, but no event arrived`);
    }
    return true;
  });

const publishOnTail = (fixture: AccessFixture, who: Principal): Promise<Outcome> =>
  onTail(fixture, who, async ({ client }) => {
    const topic = "logs/demo/tail";
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    await client.publishAsync(topic, '{"body":"tail"}', { qos: 0 });
    await closed;
    const observer = fixture.observe(fixture.stack.file.mqtt);
    await observer.settle();
    return observer.receivedTopics.includes(topic);
  });

const request = async (
  fixture: AccessFixture,
  who: Principal,
  path: string,
  init: RequestInit = {},
): Promise<number> => {
  const headers: Record<string, string> = who.authorization === undefined ? {} : { Authorization: who.authorization };
  const response = await fetch(new URL(path, fixture.stack.file.worker), { ...init, headers });
  await response.arrayBuffer();
  return response.status;
};

/** Status of the response to a WebSocket upgrade: 101, or the status of the refusal. */
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

const BULK = { method: "POST", body: '{"index":{}}\n{"message":"security"}\n' };

export const ATTEMPTS = {
  "publish own": (fixture, who) => publish(fixture, who, ownLogs(who)),
  "publish as another client": (fixture, who) => publish(fixture, who, () => `logs/${who.user}/another-client`),
  "publish to another app": (fixture, who) => publish(fixture, who, otherLogs(who)),
  "publish receipts": (_, who) => withClient(who, (client) => client.publish("receipts/demo/victim")),
  "publish $CONTROL": (_, who) => withClient(who, (client) => client.publish("$CONTROL/dynamic-security/v1")),
  "read own receipts": (fixture, who) => read(who, ownReceipts(who), fixture.observe(who.mqtt), ownReceipts(who)),
  "read others' receipts": (fixture, who) =>
    read(who, "receipts/#", fixture.observe(who.mqtt), () => `receipts/${who.user}/another-client`),
  "subscribe #": ({ victim }, who) => read(who, "#", victim, () => "logs/demo/victim"),
  "subscribe $share": ({ victim }, who) => read(who, "$share/g/logs/+/+", victim, () => "logs/demo/victim"),
  "subscribe $SYS": async (fixture, who) => (await fixture.readSysAccess()).get(who) ?? "refused",
  "publish retained": (_, who) =>
    withClient(who, (client) => client.publish(ownLogs(who)(client.clientId), { retain: true })),
  "leave a will": (fixture, who) => leaveWill(fixture, who, ownLogs(who)),
  "leave a will to another app": (fixture, who) => leaveWill(fixture, who, otherLogs(who)),
  "POST /logs": (fixture, who) => request(fixture, who, "/logs", { method: "POST", body: '{"body":"security"}' }),
  "POST /v1/logs": (fixture, who) => request(fixture, who, "/v1/logs", { method: "POST", body: "{}" }),
  "POST /_bulk": (fixture, who) => request(fixture, who, "/_bulk", BULK),
  "POST /app/_doc": (fixture, who) =>
    request(fixture, who, "/elasticsearch/app/_doc", { ...BULK, body: '{"message":"x"}' }),
  "GET /elasticsearch": (fixture, who) => request(fixture, who, "/elasticsearch"),
  "GET /elasticsearch/_search": (fixture, who) => request(fixture, who, "/elasticsearch/_search"),
  "POST /relay": (fixture, who) =>
    request(fixture, who, "/relay", { method: "POST", body: encodeRelayFrame({ messages: [] }) }),
  "search demo": (fixture, who) => request(fixture, who, "/search?app=demo"),
  "search other": (fixture, who) => request(fixture, who, "/search?app=other"),
  "tail demo": (fixture, who) => tail(fixture, who, "logs/demo/+"),
  "tail other": (fixture, who) => tail(fixture, who, "logs/other/+"),
  "tail #": (fixture, who) => tail(fixture, who, "#"),
  "tail logs/#": (fixture, who) => tail(fixture, who, "logs/#"),
  "tail logs/+/+": (fixture, who) => tail(fixture, who, "logs/+/+"),
  "tail $share": (fixture, who) => tail(fixture, who, "$share/g/logs/demo/+"),
  "tail $SYS": (fixture, who) => tail(fixture, who, "$SYS/#"),
  "tail receipts": (fixture, who) => tail(fixture, who, "receipts/demo/+"),
  "tail with QoS 1": (fixture, who) => tail(fixture, who, "logs/demo/+", { qos: 1 }),
  "publish on a tail": publishOnTail,
  "POST /relay/status": (fixture, who) => request(fixture, who, "/relay/status", { method: "POST", body: "{}" }),
  "read /status": (fixture, who) => request(fixture, who, "/status"),
  "read /metrics": (fixture, who) => request(fixture, who, "/metrics"),
  "read /reader": (fixture, who) => request(fixture, who, "/reader"),
  "/tail from the Worker's origin": ({ stack }) =>
    upgrade(stack.file.worker, { Origin: new URL(stack.file.worker).origin }, "/tail"),
  "/tail from an app's origin": (fixture) => upgrade(fixture.stack.file.worker, { Origin: OWN_ORIGIN }, "/tail"),
  "/mqtt from an app's origin": (fixture) => upgrade(fixture.stack.file.worker, { Origin: OWN_ORIGIN }),
  "/mqtt from another origin": (fixture) => upgrade(fixture.stack.file.worker, { Origin: "https://evil.example" }),
} as const satisfies Record<string, (fixture: AccessFixture, who: Principal) => Promise<Outcome>>;

export type AttemptName = keyof typeof ATTEMPTS;
