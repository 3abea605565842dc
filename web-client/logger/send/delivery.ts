/**
 * The delivery module: receipts, retries, MQTT, and the events that earlier pages left.
 *
 * Loaded with the first log, and built separately from the core. The two share no module; the core passes everything in
 * `DeliveryOptions`.
 */
import type { Severity } from "#contract/wire/severity.ts";
import { describe } from "../event/describe.ts";
import { newId } from "../event/new-id.ts";
import type { Late } from "../event/readable.ts";
import type { LoggerCounts, LoggerOptions, LoggerStatus } from "../logger.ts";
import { openEvents, type Chunk, type QueuedEvent } from "../outbox/chunk.ts";
import { createOutbox } from "../outbox/outbox.ts";
import { createRecovery } from "../outbox/recovery.ts";
import { createReopener } from "../outbox/reopen.ts";
import { removeSpilled, wipe } from "../outbox/spill.ts";
import type { Store } from "../outbox/store.ts";
import { isHidden, listen, locks, sleep, startTimer, stopTimer, type Fetch, type Timer } from "../platform.ts";
import type { LoggerState } from "../state.ts";
import { DEFAULT_TUNING } from "../tuning.ts";
import { createDropReport } from "./drop-report.ts";
import { createBatchEncoder } from "./encode-batch.ts";
import { createHideSender } from "./hide-sender.ts";
import { post, type PostOptions } from "./http/post.ts";
import { readResponse } from "./http/read-response.ts";
import type { SendResult, TransportKind, TransportMode } from "./link.ts";
import { createSender } from "./sender.ts";
import { createTransport } from "./transport.ts";
import { warnMisconfigured } from "./warn-misconfigured.ts";

/** Ports of {@link createDelivery}, implemented by the core. */
export interface DeliveryOptions {
  readonly _options: LoggerOptions;
  /** URL of `POST /logs`. */
  readonly _url: string;
  /**
   * URL for requests that outlive the page, sent with `keepalive`. App and key are in the query instead of a header, so
   * that they need no CORS preflight: the page may not exist long enough for one.
   */
  readonly _keepaliveUrl: string;
  /** Sends the requests; `undefined` where nothing is logged. */
  readonly _fetch: Fetch | undefined;
  /** Id of this logger. Made when it is needed first, which is never on a server that renders pages. */
  _owner?: string;
  readonly _store: Store;
  readonly _state: LoggerState;
  /** All chunks with open events, in the order in which they were written. */
  readonly _chunks: Set<Chunk>;
  /** Receives the code that the core lacks. */
  readonly _late: Late;
  _log(severity: Severity, body: unknown, detail?: unknown): string;
  /** Makes chunks of all calls so far. */
  _deliver(): unknown;
  /** Whether there is consent. */
  _isGranted(): boolean;
  /** Returns the function that ends the core's listeners; `undefined` while the core does not write and send. */
  _stopListening(): (() => void) | undefined;
}

/** The delivery module, as the core uses it. */
export interface Delivery {
  _add(chunk: Chunk): void;
  /** Sends the open events by requests that outlive the page. */
  _sendOnHide(): void;
  /** Connects, if there is consent. */
  _open(): void;
  /** Forgets all events because consent is missing; returns their number. */
  _forget(): number;
  _countOpen(): Pick<LoggerCounts, "queued" | "inFlight">;
  /** Deletes what this app has written to the device until now. */
  _wipe(): Promise<void>;
  _use(mode: TransportMode, mqttUrl?: string): void;
  _flush(timeoutMs?: number): Promise<boolean>;
  _close(timeoutMs?: number): Promise<void>;
}

const FLUSH_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** Records from which events were removed are written or deleted after this time at the latest. */
const SAVE_MS = 1_000;

/** Takes over the chunks and the first request of the core. `undefined` where nothing can be sent. */
export const createDelivery = (deliveryOptions: DeliveryOptions): Delivery | undefined => {
  const { _options: options, _url: url, _fetch: fetch, _store: store } = deliveryOptions;
  const { _state: state, _chunks: chunks, _isGranted: isGranted, _keepaliveUrl: keepaliveUrl } = deliveryOptions;
  deliveryOptions._late._describe = describe;
  warnMisconfigured(url, !!fetch);
  if (!fetch) return undefined;
  const owner = (deliveryOptions._owner ||= newId());
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const postOptions: PostOptions = { url, app: options.app, key: options.key, timeoutMs: tuning.requestTimeoutMs };
  const encode = createBatchEncoder();
  let closing: Promise<void> | undefined;
  let releaseLock: (() => void) | undefined;
  /** Number of deletions of all data that are not finished. */
  let wipes = 0;
  /** Chunks with fewer events than their records. */
  const changed: Chunk[] = [];
  let saveTimer: Timer | undefined;

  const setStatus = (next: LoggerStatus["state"], transport: TransportKind = state._status.transport): void => {
    const { _status: status } = state;
    if (status.state === "closed" || (status.state === next && status.transport === transport)) return;
    state._status = { state: next, transport };
    state._notify("status", state._status);
  };

  const reportDrops = createDropReport(() => state._totals.dropped, deliveryOptions._log);

  const saveChanged = (): void => {
    stopTimer(saveTimer);
    saveTimer = undefined;
    for (const chunk of changed.splice(0)) store._save(chunk);
  };

  /**
   * The change waits for the next transaction, because a transaction costs the page more than its content. If the browser is killed
   * before that, events are sent again, and the server recognises them as duplicates.
   */
  const save = (chunk: Chunk): void => {
    removeSpilled(store, [chunk]);
    changed.push(chunk);
    saveTimer ??= startTimer(saveChanged, SAVE_MS);
  };

  const outbox = createOutbox(save, chunks, tuning);
  const sender = createSender({
    _outbox: outbox,
    _tuning: tuning,
    _encode: encode,
    _onAccepted(events, known) {
      const duplicates = Math.min(known, events.length);
      state._totals.duplicates += duplicates;
      state._totals.stored += events.length - duplicates;
      if (events.length === 0) return;
      state._notify(
        "settled",
        events.map(({ id }) => ({ id, state: "stored" })),
      );
      state._notify("counts");
      reportDrops();
    },
    _onRejected(rejections) {
      if (rejections.length === 0) return;
      state._totals.rejected += rejections.length;
      state._notify(
        "settled",
        rejections.map(({ event: { id }, reason, message }) => ({ id, state: "rejected", reason, message })),
      );
      state._notify("counts");
    },
    _onTooLarge(events) {
      state._drop("too_large", events.length);
      reportDrops();
    },
    _onResult(result, transport) {
      if (transport !== state._status.transport) return;
      if (result.state === "denied" || result.state === "challenged") setStatus(result.state);
      else if (result.state !== "retry") setStatus("online");
      // An MQTT link reports when it closes. An HTTP link is offline when its last request failed.
      else if (transport === "http") setStatus("offline");
    },
  });
  const transport = createTransport({
    _options: options,
    _post: postOptions,
    _fetch: fetch,
    _tuning: tuning,
    _onLink: sender._useLink,
    _onState: setStatus,
  });

  /** Shows other tabs that this logger is running, so that they do not send its chunks. */
  const holdLock = (): void => {
    if (releaseLock) return;
    const released = new Promise<void>((resolve) => (releaseLock = resolve));
    // Rejects in a sandboxed frame, which has no storage that other tabs could read either.
    locks()
      ?.request(store._name + owner, () => released)
      .catch(() => {});
  };

  const open = (): void => {
    if (transport._isOpen || closing || !isGranted()) return;
    holdLock();
    transport._open();
    void recover();
  };

  const wake = (): void => {
    removeSpilled(store, chunks);
    open();
    sender._retryNow();
    void recover();
  };
  const stopListening = [
    listen(["online", "focus", "pageshow"], wake),
    listen(["visibilitychange"], () => isHidden() || wake()),
  ];

  const queue = (chunk: Chunk): void => state._drop("queue_full", outbox._add(chunk).length);

  const add = (chunk: Chunk): void => {
    if (state._status.state === "closed") {
      state._drop("closed", chunk._events.length);
      chunk._events = [];
      chunks.delete(chunk);
      return;
    }
    queue(chunk);
    saveChanged();
    open();
    sender._sendDue();
  };

  const isActive = (): boolean => !!deliveryOptions._stopListening() && !closing;
  const recover = createRecovery({
    _owner: owner,
    _store: store,
    _maxKeepMs: tuning.maxKeepMs,
    _onChunk: add,
    _onExpired: (count) => state._drop("expired", count),
    _isActive: () => isActive() && wipes === 0,
  });

  const reopenWhenClosed = createReopener({ _store: store, _chunks: chunks, _isActive: isActive });

  const allOpenEvents = (): QueuedEvent[] => openEvents([...chunks].flatMap(({ _events }) => _events));

  /** Requests with `keepalive` have no timeout, because they may outlive the page. The limit includes the response's body. */
  const resultOf = (response: Promise<Response | undefined>): Promise<SendResult> =>
    Promise.race([response.then(readResponse), sleep(tuning.requestTimeoutMs).then(() => readResponse())]);

  const sendOnHide = createHideSender({
    _encode: encode,
    _post: (body) => post(fetch, keepaliveUrl, body, { keepalive: true, credentials: "omit" }),
    _onResponse(events, response) {
      void resultOf(response).then((result) => {
        sender._settle(events, result);
        sender._sendDue();
      });
    },
  });

  const close = async (timeoutMs: number): Promise<void> => {
    if (transport._isOpen) await sender._flush(timeoutMs);
    sender._stop();
    // Events logged during the flush are written to the device, too.
    deliveryOptions._deliver();
    deliveryOptions._stopListening()?.();
    for (const stop of stopListening) stop();
    saveChanged();
    transport._close();
    releaseLock?.();
    // The records stay on the device: the next page sends these events.
    state._drop("closed", allOpenEvents().length);
    outbox._clear();
    setStatus("closed");
  };

  // Records of earlier pages are found only now if the database opens after the delivery module has started.
  store._onOpen = () => {
    reopenWhenClosed();
    void recover();
  };
  reopenWhenClosed();
  for (const chunk of chunks) {
    const { _events, _response } = chunk;
    queue(chunk);
    if (!_response) continue;
    outbox._markInFlight(_events);
    void sender._track(_events, resultOf(_response));
  }
  open();
  sender._sendDue();

  return {
    _add: add,
    _sendOnHide: () => sendOnHide(allOpenEvents()),
    _open: open,
    _forget() {
      const { length } = allOpenEvents();
      outbox._clear();
      sender._forget();
      transport._disconnect();
      setStatus("idle");
      return length;
    },
    _countOpen: () => ({ queued: outbox._waiting, inFlight: outbox._inFlight }),
    async _wipe() {
      wipes += 1;
      await wipe(store);
      wipes -= 1;
      // Consent may have been given again meanwhile: later events are written again, as they may have been deleted, too.
      for (const chunk of chunks) store._save(chunk);
      void recover();
    },
    _use(mode, mqttUrl) {
      if (!closing) transport._use(mode, mqttUrl);
    },
    _flush: (timeoutMs = FLUSH_TIMEOUT_MS) => sender._flush(timeoutMs),
    _close: (timeoutMs = CLOSE_TIMEOUT_MS) => (closing ??= close(timeoutMs)),
  };
};
