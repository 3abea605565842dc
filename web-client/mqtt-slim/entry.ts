/**
 * The published mqtt.js, without the parts that browsers do not need (README.md). Built with one of the plugins in this
 * folder; without them the bundle would contain the polyfills.
 */
import type { IClientOptions, IStream, MqttClient as MqttClientType } from "mqtt";
import Imported from "mqtt/lib/client";
import { WebSocketStream } from "./web-socket-stream.ts";

// In a package of type "module" a bundler gives all of module.exports as the default export, like Node.
const MqttClient = "default" in Imported ? (Imported.default as typeof Imported) : Imported;

/** `mqtt.connect` for `ws:` and `wss:`. `url` is passed to the WebSocket unchanged; user and client id are in `options`. */
export const connect = (url: string, options: IClientOptions = {}): MqttClientType => {
  if (options.clean === false && options.clientId === undefined) {
    throw new Error("Missing clientId for unclean clients");
  }
  const openStream = (client: MqttClientType): IStream => {
    const { transformWsUrl, createWebsocket } = options;
    const target = transformWsUrl?.(url, options, client) ?? url;
    const protocols = ["mqtt"];
    const socket = createWebsocket?.(target, protocols, options) ?? new WebSocket(target, protocols);
    return new WebSocketStream(socket as WebSocket, options) as unknown as IStream;
  };
  // The cache would take 65,536 buffers and 40 ms at the first packet.
  const client = new MqttClient(openStream, { writeCache: false, ...options });
  // As in mqtt.connect: an error without a listener must not be thrown into the page.
  client.on("error", () => {});
  return client;
};
