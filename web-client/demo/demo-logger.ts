/** The logger of the demo page. Its transport can be changed, and its network can be switched off. */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Severity } from "#contract/wire/severity.ts";
import { captureErrors, createLogger, type LoggerCounts, type LoggerStatus, type Settlement } from "../logger/index.ts";
import type { DemoConfig } from "./demo-config.ts";

/** MQTT through the Worker, MQTT directly to the broker, or HTTP. */
export type TransportChoice = "worker" | "direct" | "http";

/** The logger as the shop and the panel use it. */
export interface DemoLogger {
  log(severity: Severity, body: string, attributes?: Attributes): void;
  use(choice: TransportChoice): void;
  /** Simulates a lost network. */
  setOffline(offline: boolean): void;
}

/** Callbacks that keep the panel up to date. */
export interface DemoListener {
  readonly onLogged: (id: string, severity: Severity, body: string) => void;
  readonly onSettled: (settlements: readonly Settlement[]) => void;
  readonly onStatus: (status: LoggerStatus) => void;
  readonly onCounts: (counts: LoggerCounts) => void;
}

/** Creates the logger. It starts with MQTT through the Worker. */
export const createDemoLogger = ({ app, key, mqttWssUrl }: DemoConfig, listener: DemoListener): DemoLogger => {
  let isOffline = false;
  let transport: TransportChoice = "worker";
  const logger = createLogger({
    app,
    key,
    transport: "mqtt",
    fetch: (input, init) => (isOffline ? Promise.reject(new TypeError("Offline (simulated)")) : fetch(input, init)),
    resource: { "service.name": "corner-shop", "service.version": "1.0.0", "deployment.environment.name": "demo" },
  });
  logger.setUser({ id: "u-1042", name: "Robin" });
  captureErrors(logger);
  logger.onCounts(listener.onCounts);
  logger.onSettled(listener.onSettled);
  logger.onStatus(listener.onStatus);
  const connect = (): void => {
    // Use HTTP while offline: an open MQTT connection would stay connected.
    if (isOffline || transport === "http") logger.useTransport("http");
    else logger.useTransport("mqtt", transport === "direct" ? mqttWssUrl : undefined);
  };
  return {
    log(severity, body, attributes) {
      listener.onLogged(logger[severity](body, attributes), severity, body);
    },
    use(choice) {
      transport = choice;
      connect();
    },
    setOffline(offline) {
      isOffline = offline;
      connect();
    },
  };
};
