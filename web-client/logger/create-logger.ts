/**
 * The logger's API. Importing it does nothing; a logger starts with its first log, or when the page is idle.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import { SEVERITIES, type Severity } from "#contract/wire/severity.ts";
import { createCore, type NewsKind } from "./core.ts";
import { snapshot } from "./event/encode-event.ts";
import type { Logger, LoggerOptions, LogMethod } from "./logger.ts";
import { newId } from "./event/new-id.ts";

/** Creates a logger. It never throws: what is wrong with the options shows in `status`, and logs are kept and counted. */
export const createLogger = (options: LoggerOptions): Logger => {
  const core = createCore(options);
  const { load, tick, listeners } = core;

  const on =
    (kind: NewsKind) =>
    (listener: (value: never) => void): (() => unknown) => {
      const entry = [kind, listener] as const;
      listeners.add(entry);
      return () => listeners.delete(entry);
    };

  const share = (attributes: Attributes): void => {
    tick(true); // what was logged before belongs to what held before
    core.session.share(attributes);
  };

  /** Once the carrier is there. */
  const later =
    (name: "wipe" | "use" | "flush" | "close") =>
    async (...values: readonly unknown[]): Promise<never> => {
      tick(true);
      const carrier = (await load()) as Record<typeof name, (...values: readonly unknown[]) => unknown> | undefined;
      return carrier?.[name](...values) as never;
    };

  const createChild = (bound: () => Attributes | undefined, setContext: (attributes: Attributes) => void): Logger => {
    const logger: Omit<Logger, Severity> & Partial<Record<Severity, LogMethod>> = {
      setContext,
      child(attributes) {
        let own = snapshot(attributes);
        return createChild(
          () => ({ ...bound(), ...own }),
          (more) => (own = snapshot(more, own)),
        );
      },
      setUser: ({ id, name, email } = {}) => share({ "user.id": id, "user.name": name, "user.email": email }),
      setConsent(next) {
        tick(true); // what was logged before belongs to what held before
        core.choice = next;
        if (next === "granted") core.start();
        else {
          core.stop?.();
          core.stop = undefined;
          (core.carrier ?? core).forget();
          void later("wipe")();
        }
      },
      // eslint-disable-next-line typescript/no-misused-promises -- shorter than a function around it
      useTransport: later("use"),
      flush: later("flush"),
      close: later("close"),
      url: core.url,
      get status() {
        return core.status;
      },
      get counts() {
        return core.counts();
      },
      onStatus: on("status"),
      onCounts: on("counts"),
      onSettled: on("settled"),
    };
    for (const severity of SEVERITIES) {
      logger[severity] = (body, detail) => {
        const id = newId();
        core.accept({ id, severity, body, attributes: snapshot(detail, bound()) });
        return id;
      };
    }
    return logger as Logger;
  };
  return createChild(() => undefined, share);
};
