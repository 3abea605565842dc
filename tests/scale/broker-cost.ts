/**
 * `node tests/scale/broker-cost.ts`: the memory and the CPU time that a client and a message cost Mosquitto. Prints one line for each
 * figure. CPU time can also be compared while other programs run.
 */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import { logsTopic, RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../support/make-home.ts";
import { startIdleClients } from "../../bench/support/idle-clients.ts";
import { makePayload } from "../../bench/support/payload.ts";
import { DEMO_APP } from "../../stack/lib/secrets.ts";
import { startBroker, type Broker } from "../../stack/services/broker.ts";
import { toListenerUrls } from "../../stack/services/listeners.ts";
import { readCpuSeconds } from "../support/cpu-seconds.ts";
import { readMemoryKib } from "../support/process-memory.ts";

const CLIENTS = 2_000;
const MESSAGES = 50_000;
const PUBLISHERS = 20;
const SETTLE_MS = 3_000;
const US = 1e6;

const readKib = ({ pid }: Broker): number => readMemoryKib(pid, "VmRSS");

/** Runs `work` with a new broker. */
const withBroker = async (work: (broker: Broker) => Promise<void>): Promise<void> => {
  const home = await makeHome("edgelog-broker-cost");
  const broker = await startBroker({ home });
  try {
    await work(broker);
  } finally {
    await broker.stop();
    await rm(home, { recursive: true, force: true });
  }
};

const measureClients = (listener: "mqtts" | "wss"): Promise<void> =>
  withBroker(async (broker) => {
    const [kib, seconds] = [readKib(broker), readCpuSeconds(broker.pid ?? 0)];
    const url = toListenerUrls(broker.ports)[listener];
    const key = broker.secrets.appKey;
    await using clients = startIdleClients({ url, app: DEMO_APP, key, caFile: broker.ca, clients: CLIENTS });
    await clients.next("connected");
    await sleep(SETTLE_MS);
    const memory = (readKib(broker) - kib) / CLIENTS;
    const cpu = ((readCpuSeconds(broker.pid ?? 0) - seconds) / CLIENTS) * US;
    console.log(
      `${listener}: ${memory.toFixed(1)} KiB of memory for an idle client, ${cpu.toFixed(0)} µs for its connection`,
    );
  });

const measureMessages = (): Promise<void> =>
  withBroker(async (broker) => {
    const { mqttUrl, secrets } = broker;
    const relay = await mqtt.connectAsync(mqttUrl, {
      protocolVersion: 5,
      username: RELAY_USERNAME,
      password: secrets.relayPassword,
    });
    await relay.subscribeAsync("logs/#", { qos: 1 });
    let received = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    relay.on("message", () => {
      received += 1;
      if (received === MESSAGES) resolve();
    });
    const payload = makePayload(1);
    const seconds = readCpuSeconds(broker.pid ?? 0);
    const publish = async (i: number): Promise<void> => {
      const clientId = `publisher-${i}`;
      const client = await mqtt.connectAsync(mqttUrl, { clientId, username: DEMO_APP, password: secrets.appKey });
      const topic = logsTopic(DEMO_APP, clientId);
      for (let n = 0; n < MESSAGES / PUBLISHERS; n += 1) await client.publishAsync(topic, payload, { qos: 1 });
      await client.endAsync();
    };
    await Promise.all(Array.from({ length: PUBLISHERS }, (_, i) => publish(i)));
    await promise;
    const cpu = ((readCpuSeconds(broker.pid ?? 0) - seconds) / MESSAGES) * US;
    console.log(`${cpu.toFixed(1)} µs for a message with QoS 1, from its publisher to the relay, without TLS`);
    await relay.endAsync(true);
  });

await measureClients("mqtts");
await measureClients("wss");
await measureMessages();
