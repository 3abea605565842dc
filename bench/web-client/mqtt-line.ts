/**
 * The real broker behind a proxy that counts the bytes of the page, and, instead of relay and Worker, a client that responds
 * to each batch with its receipt.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import mqtt from "mqtt";
import { RELAY_TOPIC_FILTERS, RELAY_USERNAME } from "#contract/wire/topics.ts";
import { startBroker } from "../../stack/services/broker.ts";
import { DEMO_APP } from "../../stack/lib/secrets.ts";
import type { Traffic } from "./collector.ts";
import { toReceipt } from "./receipt.ts";

export interface MqttLine extends AsyncDisposable {
  readonly mqttUrl: string;
  readonly app: string;
  readonly key: string;
  /** `requests` is the number of MQTT messages. */
  readonly traffic: Traffic;
}

export const startMqttLine = async (bodies: string[]): Promise<MqttLine> => {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "edgelog-bench-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const broker = await startBroker({ home });
  stack.defer(() => broker.stop());

  let bytes = 0;
  let requests = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((incoming) => {
    const outgoing = connect(broker.ports.ws, "127.0.0.1");
    incoming.on("data", (data) => (bytes += data.length));
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on("close", () => sockets.delete(from)).on("error", () => to.destroy());
      from.pipe(to);
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await once(proxy, "close");
  });

  const reader = await mqtt.connectAsync(broker.mqttUrl, {
    protocolVersion: 5,
    clientId: broker.secrets.relayClientId,
    username: RELAY_USERNAME,
    password: broker.secrets.relayPassword,
  });
  stack.defer(() => reader.endAsync(true));
  reader.on("message", (_topic, payload, { properties }) => {
    const { responseTopic, correlationData } = properties ?? {};
    if (responseTopic === undefined || correlationData === undefined) return;
    // PROTOCOL.md, section 3: gzip is recognised by its first byte.
    const text = (payload[0] === 0x1f ? gunzipSync(payload) : payload).toString();
    requests += 1;
    bodies.push(text);
    reader.publish(responseTopic, toReceipt(text), { qos: 1, properties: { correlationData } });
  });
  await reader.subscribeAsync([...RELAY_TOPIC_FILTERS], { qos: 1 });

  const rest = stack.move();
  return {
    mqttUrl: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/mqtt`,
    app: DEMO_APP,
    key: broker.secrets.appKey,
    get traffic() {
      return { bytes, requests };
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
};
