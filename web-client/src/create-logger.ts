/**
 * Puts the logger together. Nothing happens on import, and nothing is opened before the first log.
 */
import { v7 } from "uuid";
import type { Attributes } from "../../contract/log-event.ts";
import { MAX_CLIENT_ID_LENGTH } from "../../contract/limits.ts";
import type { Severity } from "../../contract/severity.ts";
import { createBatcher } from "./batch.ts";
import { createCourier } from "./courier.ts";
import { defaultResource } from "./default-resource.ts";
import { createEmitter } from "./emitter.ts";
import { createHttpLink } from "./http-link.ts";
import { keepLink, type LinkKeeper } from "./keep-link.ts";
import type { Logger, LoggerCounts, LoggerOptions, LoggerStatus, LogMethod } from "./logger.ts";
import { createMemoryOutbox } from "./memory-outbox.ts";
import { mergeAttributes } from "./merge-attributes.ts";
import { dialMqtt } from "./mqtt-link.ts";
import { pageGlobals } from "./page-globals.ts";
import { onPageSignals } from "./page-signals.ts";
import { createPatience } from "./patience.ts";
import { createLastWords } from "./send-last-words.ts";
import { createTally } from "./tally.ts";
import { toAttributes } from "./to-attributes.ts";
import { toEvent } from "./to-event.ts";
import { DEFAULT_TUNING } from "./tuning.ts";

const FLUSH_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;

/** Creates a logger. It never throws: what is wrong with the options shows in `status`, and logs are kept and counted. */
export const createLogger = (options: LoggerOptions): Logger => {
  const { app, key } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const endpoint = (options.endpoint ?? pageGlobals().location?.origin ?? "").replace(/\/+$/, "");
  const defaultMqttUrl = `${endpoint.replace(/^http/, "ws")}/mqtt`;
  // The client id becomes a level of a topic, where `/`, `+` and `#` would mean something else.
  const clientId = (options.clientId ?? `web-${v7()}`).replace(/[^\w.-]/g, "-").slice(0, MAX_CLIENT_ID_LENGTH);

  const changed = createEmitter<LoggerCounts>();
  const statusChanged = createEmitter<LoggerStatus>();
  let mode = options.transport ?? "auto";
  let mqttUrl = options.mqttUrl ?? defaultMqttUrl;
  let status: LoggerStatus = { state: "idle", transport: mode === "http" ? "http" : "mqtt" };
  let keeper: LinkKeeper | undefined;
  let closing: Promise<void> | undefined;

  const countsOf = (): LoggerCounts => ({ queued: outbox.waiting, inFlight: outbox.held, ...tally.totals });
  let isChangeDue = false;
  const noteChange = (): void => {
    if (isChangeDue) return;
    isChangeDue = true;
    queueMicrotask(() => {
      isChangeDue = false;
      changed.emit(countsOf());
    });
  };
  const setStatus = (next: LoggerStatus): void => {
    if (status.state === "closed" || (status.state === next.state && status.transport === next.transport)) return;
    status = next;
    statusChanged.emit(next);
  };

  const outbox = createMemoryOutbox({ maxEvents: tuning.maxQueuedEvents, maxBytes: tuning.maxQueuedBytes });
  const tally = createTally(noteChange);
  const toBatch = createBatcher({
    resource: toAttributes(mergeAttributes(defaultResource(app), options.resource)),
    attributes: options.attributes === undefined ? undefined : toAttributes(options.attributes),
  });
  const courier = createCourier({
    outbox,
    tally,
    tuning,
    toBatch,
    onChange: noteChange,
    onDelivery(delivery, kind) {
      if (kind !== status.transport) return;
      if (delivery.state === "denied") setStatus({ state: "denied", transport: kind });
      // MQTT's link knows itself whether it is there; HTTP's is only as good as its last answer.
      else if (delivery.state !== "retry") setStatus({ state: "online", transport: kind });
      else if (kind === "http") setStatus({ state: "offline", transport: kind });
    },
  });
  const http = createHttpLink({
    url: `${endpoint}/logs`,
    app,
    key,
    timeoutMs: tuning.requestTimeoutMs,
    fetch: options.fetch,
  });
  const patience = createPatience(tuning.receiptTimeoutMs, tuning.maxReceiptTimeoutMs);
  const mqttOptions = { app, key, clientId, patience, connectTimeoutMs: tuning.connectTimeoutMs };
  const { connectMqtt: connect } = options;

  const openLink = (): void => {
    keeper = keepLink({
      mode,
      dialMqtt: (signal) => dialMqtt({ ...mqttOptions, url: mqttUrl, connect }, signal),
      http,
      tuning,
      onLink: courier.useLink,
      onState: (state, kind) => setStatus({ state, transport: kind }),
    });
  };
  let ignoreSignals = (): void => {};
  const start = (): void => {
    openLink();
    ignoreSignals = onPageSignals(createLastWords({ outbox, courier, http, tuning, toBatch }), () => {
      keeper?.wake();
      courier.wake();
    });
  };

  const log = (severity: Severity, body: unknown, context: Attributes, detail: unknown): string => {
    const id = v7();
    if (closing !== undefined) {
      tally.drop("closed", [{ id }]);
      return id;
    }
    try {
      tally.drop("queue_full", outbox.add(toEvent({ id, atMs: Date.now(), severity, body, context, detail })));
    } catch {
      tally.drop("unserializable", [{ id }]);
    }
    if (keeper === undefined) start();
    courier.poke();
    noteChange();
    return id;
  };

  const finish = async (timeoutMs: number): Promise<void> => {
    if (keeper !== undefined) await courier.flush(timeoutMs);
    ignoreSignals();
    courier.stop();
    keeper?.stop();
    http.close();
    tally.drop("closed", outbox.clear());
    setStatus({ state: "closed", transport: status.transport });
  };

  const createChild = (inherited: () => Attributes): Logger => {
    let context: Attributes = {};
    const bound = (): Attributes => ({ ...inherited(), ...context });
    const method =
      (severity: Severity): LogMethod =>
      (body, detail) =>
        log(severity, body, bound(), detail);
    return {
      trace: method("trace"),
      debug: method("debug"),
      info: method("info"),
      warn: method("warn"),
      error: method("error"),
      fatal: method("fatal"),
      child(attributes) {
        const own = mergeAttributes(attributes);
        return createChild(() => ({ ...bound(), ...own }));
      },
      setContext(attributes) {
        context = mergeAttributes(context, attributes);
      },
      useTransport(nextMode, nextUrl = defaultMqttUrl) {
        mode = nextMode;
        mqttUrl = nextUrl;
        if (keeper === undefined || closing !== undefined) return;
        keeper.stop();
        courier.useLink(undefined);
        openLink();
      },
      flush: (timeoutMs = FLUSH_TIMEOUT_MS) => courier.flush(timeoutMs),
      close: (timeoutMs = CLOSE_TIMEOUT_MS) => (closing ??= finish(timeoutMs)),
      get status() {
        return status;
      },
      get counts() {
        return countsOf();
      },
      onStatus: statusChanged.on,
      onCounts: changed.on,
      onSettled: tally.onSettled,
    };
  };
  return createChild(() => ({}));
};
