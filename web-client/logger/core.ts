/**
 * What runs before the first log is sent. A call of `log()` puts what was said on a list and no more; the list becomes
 * events, and they are written, at the end of the current task's code, or when the pause after the last time is over.
 * Nothing happens outside of pages and workers.
 *
 * What a page needs only once something has been sent is in the carrier, which is loaded meanwhile.
 */
import type { Carrier } from "./send/delivery.ts";
import { batchText, type Chunk } from "./outbox/chunk.ts";
import { toJson, type LogCall } from "./event/encode-event.ts";
import type { Consent, DropReason, LoggerCounts, LoggerOptions, LoggerStatus, LogRecord } from "./logger.ts";
import { newId } from "./event/new-id.ts";
import { listen } from "./platform.ts";
import { createSession, type Session } from "./event/session.ts";
import { createStore, type Store } from "./outbox/store.ts";

/** In UTF-16 code units: in UTF-8 below the 64 KiB that browsers grant to a page's requests with `keepalive`. */
const MAX_KEEPALIVE_LENGTH = 20_000;
/** Calls that may wait, and events while there is no carrier. */
const MAX_CALLS = 10_000;
/** Calls that become events at a stretch: some milliseconds of the main thread, 20 on a slow phone. */
const MAX_SLICE = 500;
/** Between two chunks, while calls come thick and fast: the writing and sending of chunks is what costs a page most. */
const PAUSE_MS = 100;
/** A page that does not log sends what earlier ones left, once it has had time to load. */
const START_MS = 1_000;

/** A request that the core made. */
export interface Flight {
  readonly chunk: Chunk;
  readonly answer: Promise<Response | undefined> | undefined;
}

/** Kinds of news. */
export type NewsKind = "status" | "counts" | "settled";

/** The core, as carrier and API see it. */
export interface Core {
  readonly options: LoggerOptions;
  readonly url: string;
  readonly owner: string;
  readonly session: Session;
  readonly store: Store;
  readonly listeners: Set<readonly [NewsKind, (value: never) => void]>;
  /** What was said about consent. */
  choice: Consent;
  status: LoggerStatus;
  readonly totals: {
    -readonly [Name in Exclude<keyof LoggerCounts, "queued" | "inFlight" | "dropped">]: number;
  } & { readonly dropped: Partial<Record<DropReason, number>> };
  /** What is not accounted for, in the order of its writing. */
  readonly chunks: Set<Chunk>;
  readonly flights: Flight[];
  carrier?: Carrier;
  counts(): LoggerCounts;
  /** Without a value: the counts. */
  emit(kind: NewsKind, value?: unknown): void;
  /** `count`: 1 where nothing is said. */
  drop(reason: DropReason, count?: number): void;
  accept(call: LogCall): void;
  /** Makes events of what was logged; `isWhole`: however long it takes. */
  tick(isWhole?: boolean): void;
  /** `undefined` when it cannot be had now, e.g. offline: the next log and the network's return ask again. */
  load(): Promise<Carrier | undefined>;
  /** Writes and sends from now on, if there is consent. */
  start(): void;
  /** Sends the oldest events that were not sent yet and fit, by a request that survives the page. */
  dispatch(): void;
  /** Drops everything, for want of consent. */
  forget(): void;
  /** Stops listening to the page. There while events are written and sent: consent was given. */
  stop?: (() => void) | undefined;
}

/** Creates a core; touches nothing. */
export const createCore = (options: LoggerOptions): Core => {
  const { app, key, path = "/logs", consent = "granted", beforeSend = (call: LogRecord): LogRecord => call } = options;
  const { location, document, importScripts } = globalThis as Partial<typeof globalThis> & { importScripts?: object };
  const url = `${options.endpoint ?? location?.origin}`.replace(/\/$/, "") + path;
  const send = options.fetch ?? ((document ?? importScripts) && fetch);
  const chunks = new Set<Chunk>();
  const calls: LogCall[] = [];
  let queued = 0;
  /** Set from the first call to the end of the pause after its tick. */
  let pause: unknown;
  let loading: Promise<Carrier | undefined> | undefined;

  const isGranted = (): boolean => core.choice === "granted";

  const core: Core = {
    options,
    url,
    owner: newId(),
    session: createSession(
      {
        "service.name": app,
        "service.version": options.release,
        "deployment.environment.name": options.environment,
        ...options.resource,
      },
      {
        // W3C trace context of what made the page.
        traceparent: document?.querySelector<HTMLMetaElement>("[name=traceparent]")?.content,
        ...options.attributes,
      },
      isGranted,
    ),
    store: createStore(`edgelog ${url} ${app}/`, chunks),
    listeners: new Set(),
    choice: consent,
    status: { state: "idle", transport: "http" },
    totals: { stored: 0, duplicates: 0, rejected: 0, dropped: {} },
    chunks,
    flights: [],
    counts: () => core.carrier?.counts() ?? { queued, inFlight: 0, ...totals },
    emit(kind, value) {
      for (const [wanted, listener] of core.listeners) {
        if (wanted === kind) queueMicrotask(() => listener((value ?? core.counts()) as never));
      }
    },
    drop(reason, count = 1) {
      totals.dropped[reason] = (totals.dropped[reason] ?? 0) + count;
      core.emit("counts");
    },
    accept(call) {
      if (!send) return;
      if (core.choice === "refused") core.drop("consent");
      // So many in one task that making events of them would block the page, or nothing to carry them away.
      else if ((core.carrier ? calls.length : queued) >= MAX_CALLS) core.drop("queue_full");
      else {
        queued++;
        calls.push(call);
        // While a tick goes on there is a pause, too: what beforeSend logs must not go round for ever.
        pause ||= [queueMicrotask(tick)];
      }
    },
    tick,
    load: async () =>
      send &&
      (loading ??= import("./send/delivery.ts").then(
        ({ createCarrier }) => (core.carrier = createCarrier(core)),
        () => (loading = undefined),
      )),
    start() {
      if (!isGranted()) return;
      void load();
      if (core.stop) return;
      store.openDatabase();
      core.stop = listen(["pagehide", "visibilitychange", "online"], ({ type }: Event) => {
        if (type === "pagehide" || document?.hidden) {
          tick(true);
          store.spill();
          (core.carrier ?? core).dispatch();
        } else void load();
      });
    },
    dispatch() {
      let room = MAX_KEEPALIVE_LENGTH;
      for (const chunk of chunks) {
        const body = batchText(newId(), chunk.queue);
        if (chunk.isSent || (room -= body.length) < 0) continue;
        chunk.isSent = true;
        // As simple a request as can be: a preflight is a round trip more, which a page that goes may not live to see.
        const answer = (send as typeof fetch)(`${url}?app=${app}&key=${key}`, {
          method: "POST",
          body,
          keepalive: true,
        }).catch(() => undefined); // offline, blocked, or cut off: all the same to the batch
        core.flights.push({ chunk, answer });
      }
    },
    forget() {
      core.drop("consent", queued);
      queued = 0;
      chunks.clear();
    },
  };
  const { session, store, totals, load } = core;
  if (send) setTimeout(core.start, START_MS);

  function tick(isWhole?: boolean): void {
    clearTimeout(pause as number);
    if (!(pause = calls[0])) return;
    const now = calls.splice(0, isWhole ? MAX_CALLS : MAX_SLICE);
    const chunk: Chunk = { recordKey: `${core.owner}.${newId()}`, head: session.head(), queue: [] };
    for (const call of now) {
      let reason: DropReason = "before_send";
      try {
        const kept = beforeSend(call, session.id);
        if (kept) {
          reason = "unserializable";
          chunk.queue.push({ id: call.id, severity: kept.severity, json: toJson(kept), chunk });
          continue;
        }
      } catch {
        // the page's own objects or functions
      }
      queued--;
      core.drop(reason);
    }
    pause = setTimeout(tick, calls[0] ? 0 : PAUSE_MS);
    core.start();
    if (chunk.queue[0]) {
      chunks.add(chunk);
      if (core.stop) store.touch(chunk);
      if (core.carrier) core.carrier.add(chunk);
      // The first logs go at once, by HTTP, while the carrier loads.
      else if (core.stop && options.transport !== "mqtt" && !core.flights[0]) core.dispatch();
    }
    core.emit("counts");
  }
  return core;
};
