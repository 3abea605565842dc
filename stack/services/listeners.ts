/**
 * The broker's listeners, one row each. Ports, environment variables (`EDGELOG_<NAME>_PORT`), the local copy of
 * mosquitto.conf, `stack.json` and the summary of `npm start` are derived from this table. A new listener is one row here,
 * its section in broker/mosquitto/mosquitto.conf, and the row of its variable in docs/reference/configuration.md.
 */
export interface Listener {
  /** Port in broker/mosquitto/mosquitto.conf, and the default port of `npm start`. */
  readonly defaultPort: number;
  readonly scheme: "mqtt" | "mqtts" | "ws" | "wss";
  /** TLS listeners need `localhost`, the name in the certificate. */
  readonly host: "127.0.0.1" | "localhost";
  /** Label in the summary; a listener without one is internal and not shown. */
  readonly label?: string;
}

export const LISTENERS = {
  mqtt: { defaultPort: 1883, scheme: "mqtt", host: "127.0.0.1", label: "MQTT" },
  mqtts: { defaultPort: 8883, scheme: "mqtts", host: "localhost", label: "MQTT over TLS" },
  wss: { defaultPort: 8084, scheme: "wss", host: "localhost", label: "MQTT over WSS" },
  /** For a Worker on this machine, which forwards `/mqtt` to it. */
  ws: { defaultPort: 9001, scheme: "ws", host: "127.0.0.1" },
} as const satisfies Readonly<Record<string, Listener>>;

export type ListenerName = keyof typeof LISTENERS;

export type ListenerPorts = Readonly<Record<ListenerName, number>>;

export const LISTENER_NAMES = Object.keys(LISTENERS) as readonly ListenerName[];

/** Builds one value for each listener. */
export const mapListeners = <T>(toValue: (name: ListenerName, listener: Listener) => T): Record<ListenerName, T> =>
  Object.fromEntries(LISTENER_NAMES.map((name) => [name, toValue(name, LISTENERS[name])])) as Record<ListenerName, T>;

/** URL of each listener, for instance `wss://localhost:8084`. */
export const toListenerUrls = (ports: ListenerPorts): Readonly<Record<ListenerName, string>> =>
  mapListeners((name, { scheme, host }) => `${scheme}://${host}:${ports[name]}`);
