/**
 * The API. A call of `log()` puts what was said on a list and no more; the list becomes events at the end of the
 * current task's code. Nothing happens on import, and what does not run in a page or worker does nothing at all.
 */
import { SEVERITIES, type Severity } from "../../contract/severity.ts";
import type { Attributes } from "../../contract/log-event.ts";
import { snapshot, type LogCall } from "./event.ts";
import { createEngine } from "./engine.ts";
import type { Logger, LoggerOptions, LogMethod } from "./logger.ts";

const FLUSH_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
const USER_KEYS = ["id", "name", "email"] as const;

/** Creates a logger. It never throws: what is wrong with the options shows in `status`, and logs are kept and counted. */
export const createLogger = (options: LoggerOptions): Logger => {
  const engine = createEngine(options);

  const createChild = (inherited: () => Attributes, isRoot: boolean): Logger => {
    let context: Attributes = {};
    const bound = (): Attributes => ({ ...inherited(), ...context });
    const method =
      (level: number): LogMethod =>
      (body, detail) => {
        const call: LogCall = { id: engine.nextId(), level, body, attributes: {} };
        const own = detail ? snapshot(detail) : undefined;
        call.attributes = isRoot ? (own ?? {}) : { ...bound(), ...own };
        engine.log(call);
        return call.id;
      };
    return {
      ...(Object.fromEntries(SEVERITIES.map((name, level) => [name, method(level)])) as Record<Severity, LogMethod>),
      child(attributes) {
        const own = snapshot(attributes);
        return createChild(() => ({ ...(isRoot ? {} : bound()), ...own }), false);
      },
      setContext(attributes) {
        if (isRoot) engine.share(attributes);
        else context = { ...context, ...snapshot(attributes) };
      },
      setUser(user) {
        engine.share(Object.fromEntries(USER_KEYS.map((key) => [`user.${key}`, user?.[key]])));
      },
      setConsent: engine.setConsent,
      useTransport: engine.useTransport,
      flush: (timeoutMs = FLUSH_TIMEOUT_MS) => engine.flush(timeoutMs),
      close: (timeoutMs = CLOSE_TIMEOUT_MS) => engine.close(timeoutMs),
      get status() {
        return engine.status();
      },
      get counts() {
        return engine.counts();
      },
      onStatus: engine.onStatus,
      onCounts: engine.onCounts,
      onSettled: engine.onSettled,
    };
  };
  return createChild(() => ({}), true);
};
