/** A broker session that another client takes over, with a scripted broker. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { generate, parser } from "mqtt-packet";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LargePackets } from "../src/large-packets.ts";
import { startBrokerSession, type BrokerSession } from "../src/broker-session.ts";
import { parseConfig } from "../src/config.ts";

const V5 = { protocolVersion: 5 } as const;

let server: Server;
let session: BrokerSession;
let current: Socket | undefined;
/** Times of the CONNECT packets. */
const connects: number[] = [];

const accept = (socket: Socket): void => {
  const packets = parser(V5);
  socket.on("data", (data) => packets.parse(data));
  socket.on("error", () => undefined);
  packets.on("packet", ({ cmd }) => {
    if (cmd !== "connect") return;
    connects.push(performance.now());
    current = socket;
    socket.write(generate({ cmd: "connack", sessionPresent: true, reasonCode: 0 }, V5));
  });
};

const waitForConnects = (count: number): Promise<boolean> =>
  vi.waitUntil(() => connects.length === count, { timeout: 5_000, interval: 5 });

beforeEach(async () => {
  connects.length = 0;
  server = createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const config = parseConfig({
    RELAY_BROKER_URL: `mqtt://127.0.0.1:${port}`,
    RELAY_BROKER_PASSWORD: "password",
    RELAY_CLIENT_ID: "a-client-id-of-20-characters",
    RELAY_WORKER_URL: "http://127.0.0.1:9",
    RELAY_TOKEN: "a-token-of-at-least-32-characters",
  });
  session = startBrokerSession({
    config: config.broker,
    clientId: config.broker.clientId,
    name: "shop",
    filters: [],
    subscribedBefore: new Set(),
    systemTopics: {},
    logger: pino({ level: "silent" }),
    logsConnection: true,
    largePackets: new LargePackets(() => true),
    onConnection: () => undefined,
    onSubscribed: () => undefined,
    onPublish: () => undefined,
  });
  await waitForConnects(1);
});
afterEach(async () => {
  session.disableReconnect();
  current?.destroy();
  await session.stop();
  server.close();
});

/** Closes the connection, as Mosquitto 2.0.11 does when another client connects with the same id. Returns the time until CONNECT. */
const takeOver = async (): Promise<number> => {
  const count = connects.length;
  const takenMs = performance.now();
  current?.destroy();
  await waitForConnects(count + 1);
  return (connects.at(-1) ?? 0) - takenMs;
};

/** The same for a connection of more than a second. The fastest of three, because the machine may be busy. */
const takeOverLongConnection = async (): Promise<number> => {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && fastestMs >= 300; attempt += 1) {
    await sleep(1_100);
    fastestMs = Math.min(fastestMs, await takeOver());
  }
  return fastestMs;
};

it("connects again immediately, and after the usual delay if the connection was short", async () => {
  expect(await takeOverLongConnection()).toBeLessThan(300);
  expect(await takeOver()).toBeGreaterThan(400);
  expect(await takeOverLongConnection()).toBeLessThan(300);
});
