/**
 * The demo's logger: one for the page, whose transport the panel can change.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Severity } from "#contract/wire/severity.ts";
import { captureErrors, createLogger, type LoggerCounts, type LoggerStatus, type Settlement } from "../logger/index.ts";
import type { DemoConfig } from "./demo-config.ts";

/** The ways that the page offers. */
export type Way = "worker" | "direct" | "http";

/** What the shop and the panel need. */
export interface DemoLogger {
  log(severity: Severity, body: string, attributes?: Attributes): void;
  use(way: Way): void;
  /** Cuts the logger off, as a lost network would. */
  setOffline(isOffline: boolean): void;
}

/** What the panel is told. */
export interface DemoListener {
  readonly onLogged: (id: string, severity: Severity, body: string) => void;
  readonly onSettled: (settlements: readonly Settlement[]) => void;
  readonly onStatus: (status: LoggerStatus) => void;
  readonly onCounts: (counts: LoggerCounts) => void;
}

/** Starts with MQTT through the Worker. */
export const createDemoLogger = ({ app, key, mqttWssUrl }: DemoConfig, listener: DemoListener): DemoLogger => {
  let isCutOff = false;
  let chosen: Way = "worker";
  const logger = createLogger({
    app,
    key,
    transport: "mqtt",
    fetch: (input, init) => (isCutOff ? Promise.reject(new TypeError("The plug is pulled")) : fetch(input, init)),
    resource: { "service.name": "corner-shop", "service.version": "1.0.0", "deployment.environment.name": "demo" },
  });
  logger.setUser({ id: "u-1042", name: "Robin" });
  captureErrors(logger);
  logger.onCounts(listener.onCounts);
  logger.onSettled(listener.onSettled);
  logger.onStatus(listener.onStatus);
  const connect = (): void => {
    // HTTP alone while it is cut off: an MQTT connection that is open would not notice.
    if (isCutOff || chosen === "http") logger.useTransport("http");
    else logger.useTransport("mqtt", chosen === "direct" ? mqttWssUrl : undefined);
  };
  return {
    log(severity, body, attributes) {
      listener.onLogged(logger[severity](body, attributes), severity, body);
    },
    use(way) {
      chosen = way;
      connect();
    },
    setOffline(isOffline) {
      isCutOff = isOffline;
      connect();
    },
  };
};
