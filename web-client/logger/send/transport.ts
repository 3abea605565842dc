/**
 * The connection to the server in the current mode: HTTP, MQTT, or both.
 */
import { MAX_CLIENT_ID_LENGTH } from "#contract/wire/limits.ts";
import { newId } from "../event/new-id.ts";
import type { CoreOptions } from "../core.ts";
import { pageOrigin, whenIdle, type Fetch } from "../platform.ts";
import type { Tuning } from "../tuning.ts";
import { createHttpLink } from "./http/http-link.ts";
import type { PostOptions } from "./http/post.ts";
import type { Link, LinkState, TransportKind, TransportMode } from "./link.ts";

export interface TransportOptions {
  readonly _options: CoreOptions;
  readonly _post: PostOptions;
  readonly _fetch: Fetch;
  readonly _tuning: Tuning;
  /** The link to send by from now on; `undefined` while there is none. */
  readonly _onLink: (link: Link | undefined) => void;
  readonly _onState: (state: LinkState, transport: TransportKind) => void;
}

export interface Transport {
  readonly _isOpen: boolean;
  /** Connects, unless it is open already. */
  _open(): void;
  /** Changes the mode, and reconnects if it is open. Without `mqttUrl`: `/mqtt` at the endpoint. */
  _use(mode: TransportMode, mqttUrl?: string): void;
  /** Disconnects. Can be opened again. */
  _disconnect(): void;
  /** Disconnects MQTT. HTTP requests may still return their receipts. */
  _close(): void;
}

export const createTransport = (transportOptions: TransportOptions): Transport => {
  const { _options: options, _post: post, _fetch: fetch } = transportOptions;
  const { _tuning: tuning, _onLink: onLink, _onState: onState } = transportOptions;
  const { app, key } = options;
  const endpoint = (options.endpoint ?? pageOrigin() ?? "").replace(/\/$/, "");
  const defaultMqttUrl = `${endpoint.replace(/^http/, "ws")}/mqtt`;
  let mode = options.transport ?? "auto";
  let mqttUrl = options.mqttUrl ?? defaultMqttUrl;
  let isOpen = false;
  let endMqtt = (): void => {};
  const http = createHttpLink({
    _post: post,
    _fetch: fetch,
    _allowWorker: !options.fetch,
    _isOnlyTransport: () => mode === "http",
  });

  const connect = (): void => {
    let isEnded = false;
    endMqtt = () => (isEnded = true);
    const current = mode;
    onState("connecting", current === "mqtt" ? current : "http");
    if (current !== "mqtt") onLink(http);
    if (current === "http") return;
    const startMqtt = async (): Promise<void> => {
      const mqtt = await import("./mqtt/start-mqtt.ts");
      if (isEnded) return;
      // The client id is a level of a topic, where `/`, `+` and `#` have a meaning.
      const clientId = (options.clientId ?? `web-${newId()}`).replace(/[^\w.-]/g, "-").slice(0, MAX_CLIENT_ID_LENGTH);
      endMqtt = mqtt.startMqtt({
        login: { url: mqttUrl, app, key, clientId, connect: options.connectMqtt, onError: options.onMqttError },
        mode: current,
        http,
        tuning,
        onLink,
        onState,
      });
    };
    const start = (): void => {
      startMqtt().catch(() => {
        // The script cannot be loaded, e.g. offline. `open` tries again when the network is back.
        isOpen = false;
        if (mode === "mqtt") onState("offline", "mqtt");
      });
    };
    if (current === "mqtt") start();
    else whenIdle(start);
  };

  return {
    get _isOpen() {
      return isOpen;
    },
    _open() {
      if (isOpen) return;
      isOpen = true;
      connect();
    },
    _use(nextMode, nextUrl = defaultMqttUrl) {
      mode = nextMode;
      mqttUrl = nextUrl;
      if (!isOpen) return;
      endMqtt();
      onLink(undefined);
      connect();
    },
    _disconnect() {
      endMqtt();
      onLink(undefined);
      isOpen = false;
    },
    _close() {
      endMqtt();
      http.close();
    },
  };
};
