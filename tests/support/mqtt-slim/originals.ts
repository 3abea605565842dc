/** The libraries that the shims replace, in the versions that mqtt.js and mqtt-packet load. */
import { createRequire } from "node:module";
import type { BufferList } from "bl/BufferList";
import type * as LruCache from "lru-cache";
import type * as Ws from "mqtt/lib/connect/ws";
import type * as MqttPacket from "mqtt-packet";
import type * as ReadableStream from "readable-stream";

const ours = createRequire(import.meta.url);
const mqttRequire = createRequire(ours.resolve("mqtt"));
const packetRequire = createRequire(mqttRequire.resolve("mqtt-packet"));

export const readableStream = mqttRequire("readable-stream") as typeof ReadableStream;
export const rfdc = mqttRequire("rfdc/default") as <Value>(value: Value) => Value;
export const { LRUCache } = mqttRequire("lru-cache") as typeof LruCache;
export const createBl = packetRequire("bl") as () => BufferList;
export const mqttPacket = mqttRequire("mqtt-packet") as typeof MqttPacket;
export const { browserStreamBuilder } = ours("mqtt/lib/connect/ws") as typeof Ws;
