/**
 * The part of the logger that a page loads at once. A call of a log method only puts a record on a list. After the current
 * task's code, or after a pause if there was a chunk shortly before, the list becomes a chunk, which is written to the
 * device. The first chunk is also sent at once.
 *
 * Everything that is needed only after the first request is in send/delivery.ts, which is loaded meanwhile. Outside of
 * pages and Workers nothing happens, unless the option `fetch` is set.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Severity } from "#contract/wire/severity.ts";
import { newId } from "./event/new-id.ts";
import { copyEvent, copyRecord } from "./event/copy-event.ts";
import { late } from "./event/readable.ts";
import { createSession } from "./event/session.ts";
import type { Consent, LoggerOptions, LogRecord } from "./logger.ts";
import { batchJson, type Chunk } from "./outbox/chunk.ts";
import { createStore } from "./outbox/store.ts";
import {
  defer,
  isHidden,
  listen,
  pageFetch,
  pageOrigin,
  pageTraceparent,
  PAUSE_MS,
  START_MS,
  startTimer,
  stopTimer,
} from "./platform.ts";
import type { Fetch, Timer } from "./platform.ts";
import type { Delivery, DeliveryOptions } from "./send/delivery.ts";
import { createState, type LoggerState } from "./state.ts";

/**
 * Length of a `keepalive` request in UTF-16 code units. In UTF-8 it is below the 64 KiB that browsers allow for all
 * such requests of a page. A fourth of the shared attributes counts in addition, so they have at most 16,000 of it, which is below the
 * contract's limit (MAX_SHARED_LENGTH). The delivery module cuts longer ones.
 */
const MAX_KEEPALIVE_LENGTH = 20_000;
/**
 * Limit of the list of calls, and in a page of the number of events while the delivery module is not loaded. It is twice as high for `error`
 * and `fatal`, so that they are kept after many less severe ones: the queue drops those.
 */
const MAX_CALLS = 10_000;
/** Number of calls that one task converts to events: a few milliseconds of the main thread, 20 on a slow phone. */
const MAX_SLICE = 500;

/** The core, as the public API uses it. */
export interface Core {
  readonly _url: string;
  readonly _state: LoggerState;
  /** Returns the id of the event. Never throws. */
  _log(severity: Severity, body: unknown, detail?: unknown, bound?: Attributes): string;
  /** Adds attributes to all later events; `undefined` removes one. */
  _share(attributes: Attributes): void;
  _setConsent(consent: "granted" | "refused"): void;
  /**
   * Makes chunks of all calls so far, and loads the delivery module; `undefined` while it cannot be loaded, e.g. offline.
   */
  _deliver(): Promise<Delivery | undefined>;
}

/** Options for a host that has the delivery module from the start (Node.js). */
export interface CoreOptions extends LoggerOptions {
  readonly createDelivery?: (options: DeliveryOptions) => Delivery | undefined;
  /** Called with the error of each attempt to connect over MQTT. */
  readonly onMqttError?: (error: unknown) => void;
}

/** Creates a core. It has no effect on the page before its first use. */
export const createCore = (options: CoreOptions): Core => {
  const ownFetch = pageFetch();
  const { fetch: send = ownFetch, app, key, path = "/logs", beforeSend } = options;
  const url = `${options.endpoint ?? pageOrigin()}/${path}`.replace(/([^:]\/)\/+/g, "$1");
  const keepaliveUrl = `${url}?app=${app}&key=${key}`;
  const chunks = new Set<Chunk>();
  const store = createStore(`edgelog ${url} ${app}/`, chunks, options);
  const calls: LogRecord[] = [];
  let consent: Consent = options.consent ?? "granted";
  let queued = 0;
  /** The timer of the next chunk. Set from the first call until the pause after its chunk is over. */
  let pause: unknown;
  /** Number of calls that wait for the delivery module, unless the page goes away. */
  let waiting = 0;
  let loading: Promise<Delivery | undefined> | undefined;
  let delivery: Delivery | undefined;
  /** Response to a request of the core, if it has made one. */
  let firstResponse: Chunk["_response"];
  /** Stops listening to the page. Set while consent is given: events are written and sent. */
  let stop: (() => undefined) | undefined;

  const isGranted = (): boolean => consent === "granted";
  const state = createState(() => delivery?._countOpen() ?? { queued, inFlight: 0 });
  const session = createSession(
    {
      "service.name": app,
      "service.version": options.release,
      "deployment.environment.name": options.environment,
      ...options.resource,
    },
    { traceparent: pageTraceparent(), ...options.attributes },
    isGranted,
  );

  const load = (): Promise<Delivery | undefined> =>
    (loading ??= import("./send/delivery.ts").then(
      ({ createDelivery }) => (delivery = (!PAUSE_MS && delivery) || createDelivery(core)),
      () => (loading = undefined),
    ));

  /**
   * Makes room in the list of calls: the limits of the queue decide which events are dropped. Returns whether the list has room. A page,
   * which pauses between chunks, never does this, because it would block the main thread.
   */
  const handOver = (): boolean => {
    // While a chunk is made, `pause` is its first call: this is a log of `beforeSend`.
    if ((pause as Partial<LogRecord> | undefined)?.id) return false;
    delivery ??= options.createDelivery?.(core);
    makeChunk(true);
    return true;
  };

  const log = (severity: Severity, body: unknown, detail?: unknown, bound?: Attributes): string => {
    // Where nothing is logged, this reads neither the clock nor random bits: Next.js forbids them while it prerenders a component, and
    // Cloudflare Workers while they load a module.
    let id = "";
    if (send) {
      id = newId();
      if (consent === "refused") state._drop("consent");
      // Too many calls in one task, or the delivery module cannot be loaded.
      else if (
        (delivery ? calls.length : queued) >= MAX_CALLS * (/^[ef]/.test(severity) ? 2 : 1) &&
        (PAUSE_MS || !handOver())
      )
        state._drop("queue_full");
      else {
        queued++;
        const copyCall = (): LogRecord => copyRecord({ id, severity, body }, bound, detail);
        late._isMissed = false;
        const record = copyCall();
        calls.push(record);
        // The delivery module has the code for a value of this call.
        if (late._isMissed) {
          waiting++;
          void load().then(() => {
            Object.assign(record, copyCall());
            if (!--waiting) makeChunk();
          });
        }
        // `pause` is also set while a chunk is made, so that logs of `beforeSend` itself wait for the next chunk.
        pause ||= [defer(makeChunk)];
      }
    } else void load(); // warns
    return id;
  };

  const start = (): void => {
    // Also while consent is pending: the delivery module limits the bytes of the queue.
    void load();
    if (stop || !isGranted()) return;
    stop = listen(["pagehide", "visibilitychange", "online"], ({ type }: Event) => {
      if (type === "pagehide" || isHidden()) {
        makeChunk(true);
        store._spill();
        if (delivery) delivery._sendOnHide();
        else sendFirst();
      } else void load();
    });
    // In Node.js it opens at once, and recovers the events of an earlier process, which needs `stop`.
    store._open();
    delivery?._open();
  };

  /** Sends the oldest chunks that were not sent yet and fit, by requests that outlive the page. */
  const sendFirst = (): void => {
    let lengthLeft = MAX_KEEPALIVE_LENGTH;
    chunks.forEach((chunk) => {
      const body = batchJson(newId(), chunk._events);
      if (chunk._response || (lengthLeft -= body.length + chunk._head.length / 4) < 0) return;
      // Async, because a `fetch` that a script has replaced can throw, or return something else than a promise.
      chunk._response = firstResponse = (async () =>
        (send as Fetch)(keepaliveUrl, { method: "POST", body, keepalive: true }))().catch(() => undefined);
    });
  };

  function makeChunk(isAll?: boolean): void {
    if (waiting && !isAll) return start();
    stopTimer(pause as Timer);
    if (!(pause = calls[0])) return;
    const chunk: Chunk = { _key: `${(core._owner ||= newId())}.${newId()}`, _head: session._head(), _events: [] };
    for (const call of calls.splice(0, isAll ? Infinity : MAX_SLICE)) {
      try {
        let record: LogRecord | null | undefined = call;
        if (beforeSend) {
          record = beforeSend(call, session._id);
          record &&= copyRecord({ ...record, attributes: 0 }, record.attributes);
        }
        if (record) {
          chunk._events.push({ id: call.id, severity: record.severity, _json: JSON.stringify(record), _chunk: chunk });
          continue;
        }
      } catch {
        // thrown by beforeSend
      }
      queued--;
      state._drop("before_send");
    }
    pause = startTimer(makeChunk, calls[0] ? 0 : PAUSE_MS);
    start();
    if (chunk._events[0]) {
      chunks.add(chunk);
      if (stop) store._save(chunk);
      if (delivery) delivery._add(chunk);
      // The first chunk is sent over HTTP at once, while the delivery module loads.
      else if (stop && options.transport !== "mqtt" && !firstResponse) sendFirst();
    }
    state._notify("counts");
  }

  const core: Core & DeliveryOptions = {
    _options: options,
    _url: url,
    _fetch: send,
    _keepaliveUrl: keepaliveUrl,
    _store: store,
    _state: state,
    _chunks: chunks,
    _late: late,
    _log: log,
    _isGranted: isGranted,
    _stopListening: () => stop,
    _share(attributes) {
      makeChunk(true); // earlier logs keep the attributes that were set then
      session._share(copyEvent({}, attributes).attributes);
    },
    _deliver() {
      makeChunk(!waiting);
      return load();
    },
    _setConsent(next) {
      makeChunk(true); // the earlier decision applies to earlier logs
      consent = next;
      if (isGranted()) start();
      else {
        stop = stop?.();
        state._drop("consent", delivery?._forget() ?? queued);
        queued = 0;
        chunks.clear();
        void load().then(() => delivery?._wipe());
      }
    },
  };
  // To recover the events of earlier pages. Elsewhere there are none, and Cloudflare Workers allow timers only in handlers.
  if (ownFetch && isGranted()) startTimer(start, START_MS);
  return core;
};
