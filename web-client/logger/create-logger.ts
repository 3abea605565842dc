/**
 * The logger's API. Importing it does nothing. A logger starts with its first log, in a page at the latest a second after it was created.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import { createCore } from "./core.ts";
import { copyEvent } from "./event/copy-event.ts";
import type { Logger, LoggerOptions, LogMethod } from "./logger.ts";

/**
 * Creates a logger. Never throws: with a wrong key or endpoint, `status` shows `denied` or `offline` and events stay in
 * the queue. Create one logger for each app on a page, and use `child` for its parts.
 *
 * @example
 * const log = createLogger({ app: "shop", key: "elk_…", endpoint: "https://logs.example.com", release: "1.4.2" });
 * log.info("Order placed", { "order.id": "o-17" });
 */
export const createLogger = (options: LoggerOptions): Logger => {
  const core = createCore(options);
  const { _state: state } = core;

  const createChild = (bound: () => Attributes | undefined, setContext: (attributes: Attributes) => void): Logger => {
    const logger: Omit<Logger, Severity> & Partial<Record<Severity, LogMethod>> = {
      setContext,
      child(attributes) {
        let own = copyEvent({}, attributes).attributes;
        return createChild(
          () => ({ ...bound(), ...own }),
          (more) => (own = copyEvent({}, own, more).attributes),
        );
      },
      setUser: (user) => core._share({ "user.id": user?.id, "user.name": user?.name, "user.email": user?.email }),
      setConsent: core._setConsent,
      // oxlint-disable-next-line typescript/no-misused-promises -- never rejects
      useTransport: async (mode, mqttUrl) => (await core._deliver())?._use(mode, mqttUrl),
      flush: async (timeoutMs) => (await core._deliver())?._flush(timeoutMs),
      close: async (timeoutMs) => (await core._deliver())?._close(timeoutMs),
      url: core._url,
      get status() {
        return state._status;
      },
      get counts() {
        return state._counts();
      },
      onStatus: state._on("status"),
      onCounts: state._on("counts"),
      onSettled: state._on("settled"),
    };
    for (const severity of SEVERITIES) {
      logger[severity] = (body, detail) => core._log(severity, body, detail, bound());
    }
    return logger as Logger;
  };
  return createChild(() => undefined, core._share);
};
