/** Attacks on the broker by packets and connections. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { generate, type IConnectPacket } from "mqtt-packet";
import { v7 as uuidv7 } from "uuid";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { logsTopic, receiptsTopic } from "#contract/wire/topics.ts";
import { tryConnect } from "../../support/security/mqtt-client.ts";
import type { AbuseStack } from "../abuse-stack.ts";
import { connectAttacker, openSocket, repeat, type Payload } from "../attacker.ts";
import type { Attack } from "./attack.ts";
import { createSmallEvent } from "./payloads.ts";

const V5 = { protocolVersion: 5 } as const;
const FILTERS_PER_SUBSCRIBE = 110_000;
const SESSION_EXPIRY_SECONDS = 30 * 86_400;
const NEW_CLIENT_DEADLINE_MS = 5_000;
/** Below the limit of open files of most shells. */
const MAX_CONNECTIONS = 12_000;
const CONNECTIONS_PER_SECOND = 1_500;
const QOS_2_SESSIONS = 10;
/** Of each session. 10 sessions with 16 messages of the largest size are 160 MiB. */
const QOS_2_MESSAGES = 16;
const CLOSE_DEADLINE_MS = 10_000;
const QOS_2_PAYLOAD = Buffer.alloc(MAX_MESSAGE_BYTES, " ");

const portOf = ({ stack }: AbuseStack): number => Number(new URL(stack.file.mqtt).port);

const toConnect = ({ attacker }: AbuseStack, clientId: string, changes: Partial<IConnectPacket> = {}): Buffer =>
  generate(
    {
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 5,
      clean: true,
      keepalive: 600,
      clientId,
      username: attacker.id,
      password: Buffer.from(attacker.key),
      ...changes,
    },
    V5,
  );

/** mqtt-packet refuses topics with wildcards, so these are put in afterwards. */
const toPublish = (topic: string, messageId: number, qos: 1 | 2, payload: Payload = createSmallEvent()): Buffer => {
  const safe = topic.replaceAll(/[#+]/g, "_");
  const packet = { cmd: "publish", topic: safe, messageId, qos, dup: false, retain: false } as const;
  const bytes = generate({ ...packet, payload }, V5);
  bytes.set(Buffer.from(topic), bytes.indexOf(safe));
  return bytes;
};

/** Whether a new client of the victim can connect; the finding if it cannot. */
const checkNewClient = async ({ stack, victim }: AbuseStack): Promise<readonly string[]> => {
  const startedMs = performance.now();
  const client = await tryConnect(stack.file.mqtt, { username: victim.id, password: victim.key });
  await client?.[Symbol.asyncDispose]();
  const isFast = performance.now() - startedMs < NEW_CLIENT_DEADLINE_MS;
  return client !== undefined && isFast ? [] : ["a new client of the victim could not connect within 5 s"];
};

/** Opens connections at a constant rate, sends the bytes of `create` on each, and then tries to connect a new client. */
const openMany = async (
  abuse: AbuseStack,
  durationMs: number,
  create: (i: number) => Buffer,
): Promise<readonly string[]> => {
  const count = Math.min(MAX_CONNECTIONS, Math.floor((durationMs / 1_000) * CONNECTIONS_PER_SECOND));
  const open: (Socket | undefined)[] = [];
  const startedMs = performance.now();
  // A broker that accepts no more connections ends the attack.
  while (open.length < count && performance.now() - startedMs < 2 * durationMs) {
    const batch = Array.from({ length: 100 }, (_, i) => openSocket(portOf(abuse), create(open.length + i)));
    open.push(...(await Promise.all(batch)));
    await sleep(Math.max(0, (open.length / CONNECTIONS_PER_SECOND) * 1_000 - (performance.now() - startedMs)));
  }
  const findings = await checkNewClient(abuse);
  for (const socket of open) socket?.destroy();
  return findings;
};

export const BROKER_ATTACKS: readonly Attack[] = [
  {
    name: "3 SUBSCRIBE packets of 110,000 filters",
    knownIn: "docs/operate/broker.md",
    async run(abuse, durationMs) {
      const properties = { sessionExpiryInterval: SESSION_EXPIRY_SECONDS };
      const socket = await openSocket(
        portOf(abuse),
        toConnect(abuse, `filters-${uuidv7()}`, { clean: false, properties }),
      );
      await sleep(500);
      for (let packet = 0; packet < 3; packet += 1) {
        const subscriptions = Array.from({ length: FILTERS_PER_SUBSCRIBE }, (_, i) => ({
          topic: (packet * FILTERS_PER_SUBSCRIBE + i).toString(36),
          qos: 0 as const,
        }));
        socket?.write(generate({ cmd: "subscribe", messageId: packet + 1, subscriptions }, V5));
      }
      await sleep(Math.max(durationMs, 5_000));
      const findings = await checkNewClient(abuse);
      socket?.destroy();
      return findings;
    },
  },
  {
    name: "10 idle connections",
    run: (abuse, durationMs) => openMany(abuse, durationMs, () => toConnect(abuse, `idle-${uuidv7()}`)),
  },
  {
    name: "10 persistent sessions with client ids of 30,000 characters",
    isShort: true,
    run: (abuse, durationMs) => {
      const properties = { sessionExpiryInterval: SESSION_EXPIRY_SECONDS };
      const create = (): Buffer => toConnect(abuse, `${uuidv7()}${"x".repeat(30_000)}`, { clean: false, properties });
      return openMany(abuse, Math.min(durationMs, 3_400), create);
    },
  },
  {
    name: "CONNECT packets with wrong passwords",
    isShort: true,
    async run(abuse, durationMs) {
      const create = (): Buffer => toConnect(abuse, `wrong-${uuidv7()}`, { password: Buffer.from("elk_wrong") });
      await repeat(durationMs, 50, async () => {
        const socket = await openSocket(portOf(abuse), create());
        await new Promise<void>((resolve) => {
          socket?.once("close", () => resolve());
          setTimeout(() => resolve(), 2_000).unref();
        });
        socket?.destroy();
      });
      return await checkNewClient(abuse);
    },
  },
  {
    name: "connections that send no CONNECT",
    run: (abuse, durationMs) => openMany(abuse, durationMs, () => Buffer.alloc(0)),
  },
  {
    name: "retained messages and wills",
    isShort: true,
    async run(abuse, durationMs) {
      await repeat(durationMs, 10, async () => {
        const clientId = `will-${uuidv7()}`;
        const topic = logsTopic(abuse.attacker.id, clientId);
        const will = { topic, payload: Buffer.from(createSmallEvent()), qos: 1 as const, retain: false };
        const attacker = await connectAttacker(abuse, { clientId, will });
        await attacker.publish([createSmallEvent()], { retain: true });
        attacker.client.stream.destroy();
        await attacker[Symbol.asyncDispose]();
      });
      return [];
    },
  },
  {
    name: "20 MB of user properties",
    isShort: true,
    async run(abuse, durationMs) {
      await using attacker = await connectAttacker(abuse);
      const userProperties = Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`property-${i}`, "v".repeat(1_000)]),
      );
      const payloads = Array.from({ length: 330 }, createSmallEvent);
      await attacker.publish(payloads, { properties: { userProperties } });
      await sleep(durationMs / 2);
      return [];
    },
  },
  {
    name: "QoS 2 messages without PUBREL, in sessions that stay",
    isShort: true,
    async run(abuse, durationMs) {
      const properties = { sessionExpiryInterval: SESSION_EXPIRY_SECONDS };
      const topic = logsTopic(abuse.attacker.id, "half");
      const messages = Array.from({ length: QOS_2_MESSAGES }, (_, i) => toPublish(topic, i + 1, 2, QOS_2_PAYLOAD));
      const sockets: (Socket | undefined)[] = [];
      for (let session = 0; session < QOS_2_SESSIONS; session += 1) {
        const connect = toConnect(abuse, `half-${uuidv7()}`, { clean: false, properties });
        const socket = await openSocket(portOf(abuse), connect);
        for (const message of messages) socket?.write(message);
        sockets.push(socket);
      }
      await sleep(durationMs);
      // Not the memory of the broker, because messages may fill what earlier attacks left free in it.
      const isOpen = (socket: Socket | undefined): boolean => socket?.destroyed === false;
      for (const endMs = performance.now() + CLOSE_DEADLINE_MS; performance.now() < endMs && sockets.some(isOpen);) {
        await sleep(100);
      }
      const open = sockets.filter(isOpen).length;
      for (const socket of sockets) socket?.destroy();
      return open === 0 ? [] : [`the broker keeps the QoS 2 messages of ${open} sessions`];
    },
  },
  {
    name: "client ids and topics with wildcards and slashes",
    isShort: true,
    async run(abuse, durationMs) {
      const { id } = abuse.attacker;
      const names = ["a/b", "#", "+", "logs/victim/x", "x".repeat(200), "\u{10ffff}", "é\u0301", "$SYS"];
      await repeat(durationMs, 2, async () => {
        for (const clientId of names) {
          const socket = await openSocket(portOf(abuse), toConnect(abuse, clientId));
          for (const topic of [logsTopic(id, clientId), logsTopic("victim", clientId), `logs/${id}/a/b/c`]) {
            socket?.write(toPublish(topic, 1, 1));
          }
          await sleep(20);
          socket?.destroy();
        }
      });
      return await checkNewClient(abuse);
    },
  },
  {
    name: "receipts that are never read",
    async run(abuse, durationMs) {
      const clientId = `deaf-${uuidv7()}`;
      await using attacker = await connectAttacker(abuse, { clientId });
      const responseTopic = receiptsTopic(abuse.attacker.id, clientId);
      await attacker.client.subscribeAsync(responseTopic, { qos: 1 });
      attacker.client.stream.pause();
      const topic = logsTopic(abuse.attacker.id, clientId);
      const correlationData = Buffer.alloc(30_000, "c");
      await repeat(durationMs, 1, async () => {
        for (let i = 0; i < 20; i += 1) {
          attacker.client.publish(topic, createSmallEvent(), {
            qos: 0,
            properties: { responseTopic, correlationData },
          });
        }
        await sleep(50);
      });
      return [];
    },
  },
  {
    name: "subscriptions to #, $SYS and $share of all apps",
    isShort: true,
    async run(abuse, durationMs) {
      await using connections = new AsyncDisposableStack();
      const received = new Set<string>();
      for (let i = 0; i < 30; i += 1) {
        const { client } = connections.use(await connectAttacker(abuse));
        client.on("message", (topic) => received.add(topic));
        await client.subscribeAsync(["#", "$SYS/#", "logs/#", "receipts/#", "$share/g/logs/#"], { qos: 1 });
      }
      await sleep(durationMs);
      return [...received].slice(0, 3).map((topic) => `the attacker received ${topic}`);
    },
  },
  {
    name: "receipts addressed to a client of the victim",
    isShort: true,
    async run(abuse, durationMs) {
      const { stack, victim } = abuse;
      const clientId = `target-${uuidv7()}`;
      const responseTopic = receiptsTopic(victim.id, clientId);
      const login = { username: victim.id, password: victim.key };
      await using target = await tryConnect(stack.file.mqtt, login, { clientId });
      await target?.client.subscribeAsync(responseTopic, { qos: 1 });
      await using attacker = await connectAttacker(abuse);
      await attacker.publish(Array.from({ length: 50 }, createSmallEvent), {
        properties: { responseTopic, correlationData: Buffer.from(uuidv7()) },
      });
      await sleep(durationMs);
      return target?.receivedTopics.length === 0 ? [] : ["the victim received receipts of the attacker"];
    },
  },
];
