/**
 * The logger. A call of `log()` puts what was said on a list and no more; the list becomes events, and they are written,
 * at the end of the current task's code. Nothing happens on import, and nothing at all outside of pages and workers.
 *
 * What a page needs only once something has been sent is in the carrier, a chunk of its own.
 */
import type { Attributes } from "../../contract/log-event.ts";
import type { Severity } from "../../contract/severity.ts";
import type { Carrier } from "./carrier.ts";
import type { Core } from "./core.ts";
import { batchText, type Chunk } from "./chunk.ts";
import { snapshot, toJson, toQueued, type LogCall, type QueuedEvent } from "./event.ts";
import type { DropReason, Logger, LoggerCounts, LoggerOptions, LogMethod } from "./logger.ts";
import { newId } from "./new-id.ts";
import { onPageSignals, whenIdle } from "./page-signals.ts";
import { createPost } from "./post.ts";
import { createSession } from "./session.ts";
import { createStore } from "./store.ts";

/** Stays below the 64 KiB that browsers grant to all of a page's requests with `keepalive` together. */
export const MAX_BATCH_BYTES = 61_440;
/** Room for a batch's head. */
const HEAD_BYTES = 4_096;
const MAX_CALLS = 10_000;
const MAX_AGE_MS = 250;
/** Main-thread time that a burst of logs may take at a stretch. */
const MAX_SLICE_MS = 12;
/** As in the contract, whose module the carrier shares: importing it here would make it one more request. */
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const satisfies readonly Severity[];
const URGENT = /error|fatal/;

/** Creates a logger. It never throws: what is wrong with the options shows in `status`, and logs are kept and counted. */
export const createLogger = (options: LoggerOptions): Logger => {
  const { app, key, tuning, sample, sampleSessions = 1, consent = "granted" } = options;
  const { location, navigator, document } = globalThis as Partial<typeof globalThis>;
  const endpoint = (options.endpoint ?? location?.origin ?? "").replace(/\/+$/, "");
  const url = endpoint + (options.path ?? "/logs");
  const listeners = new Set<readonly [string, (value: never) => void]>();
  let calls: LogCall[] = [];
  let sequence = 0;
  let budget = MAX_BATCH_BYTES;
  let isTicking = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let trace: object | undefined;
  let carrier: Carrier | undefined;
  let loading: Promise<Carrier | undefined> | undefined;

  const core: Core = {
    tools: { newId, batchText, toQueued, whenIdle },
    options,
    endpoint,
    consent,
    status: { state: "idle", transport: options.transport === "mqtt" ? "mqtt" : "http" },
    totals: { stored: 0, duplicates: 0, rejected: 0, dropped: {} },
    chunks: new Set(),
    flights: [],
    store: createStore(`edgelog ${endpoint} ${app}/`),
    owner: newId(),
    post: createPost({
      url,
      app,
      key,
      timeoutMs: tuning?.requestTimeoutMs ?? 30_000,
      fetch: options.fetch,
    }),
    emit(kind, value) {
      for (const [wanted, listener] of listeners) {
        if (wanted === kind) queueMicrotask(() => listener((value ?? counts()) as never));
      }
    },
    drop(reason, events) {
      const { dropped } = core.totals;
      dropped[reason] = (dropped[reason] ?? 0) + events.length;
      core.emit(
        "settled",
        events.map(({ id }) => ({ id, state: "dropped", reason })),
      );
    },
    log,
    tick,
    forget() {
      const all = [...calls, ...[...core.chunks].flatMap(({ events }) => events.filter(({ isGone }) => !isGone))];
      calls = [];
      core.chunks.clear();
      return all;
    },
    stop() {},
  };
  const { chunks, store, post } = core;
  const isDead = !options.fetch && !document && !("WorkerGlobalScope" in globalThis);
  const session = createSession(
    {
      "service.name": app,
      "service.version": options.release,
      "deployment.environment.name": options.environment,
      "telemetry.sdk.name": "edgelog-web",
      "user_agent.original": navigator?.userAgent,
      "browser.language": navigator?.language,
      ...options.resource,
    },
    { ...options.attributes },
    () => core.consent === "granted",
  );

  const counts = (): LoggerCounts => carrier?.counts() ?? { queued: calls.length, inFlight: 0, ...core.totals };

  /** `undefined` when it cannot be had now, e.g. offline: the next log and the network's return ask again. */
  const load = (): Promise<Carrier | undefined> =>
    (loading ??= import("./carrier.ts").then(
      ({ createCarrier }) => (carrier = createCarrier(core)),
      () => (loading = undefined),
    ));

  /** Sends events that the carrier does not know of yet, or, when the page goes, all that fits. */
  const dispatch = (isLast?: boolean): void => {
    let events: QueuedEvent[] = [];
    let bytes = HEAD_BYTES;
    const send = (): void => {
      if (!events[0]) return;
      const id = newId();
      const size = isLast ? bytes : 0;
      budget -= size;
      const answer = post(batchText(id, events), isLast);
      void answer.then(() => (budget += size));
      const flight = { events, answer, isLast };
      if (carrier) carrier.follow(flight);
      else core.flights.push(flight);
      events = [];
      bytes = HEAD_BYTES;
    };
    for (const chunk of chunks) {
      if (events[0] && events[0].chunk.head !== chunk.head) send();
      if (bytes + chunk.bytes > (isLast ? budget : MAX_BATCH_BYTES)) break;
      for (const event of chunk.events) if (!event.isGone) events.push(event);
      bytes += chunk.bytes;
    }
    send();
  };

  const start = (): void => {
    if (core.consent !== "granted" || core.isOn) return;
    core.isOn = true;
    if (!store.opened) store.open();
    for (const chunk of chunks) store.touch(chunk);
    // Says to other tabs that this one lives: what it wrote is its own to send.
    void navigator?.locks?.request(store.name + core.owner, () => new Promise((resolve) => (core.release = resolve)));
    core.stop = onPageSignals(
      () => {
        if (core.consent !== "granted") return;
        if (calls[0]) tick(true);
        store.write();
        store.spill(chunks);
        dispatch(true);
      },
      () => (carrier ? carrier.wake() : void load()),
    );
    whenIdle(() => void load());
  };

  const toEvent = (call: LogCall, chunk: Chunk): void => {
    const { id, severity } = call;
    let reason: DropReason = "sampled";
    try {
      const isUrgent = URGENT.test(severity);
      if (
        Math.random() < (sample?.[severity] ?? 1) &&
        // The random end of a session's id: all its pages decide alike.
        (isUrgent || Number.parseInt(session.id.slice(-8), 16) / 2 ** 32 < sampleSessions)
      ) {
        reason = "before_send";
        const kept = options.beforeSend ? options.beforeSend(call) : call;
        if (kept) {
          reason = "unserializable";
          sequence += 1;
          const attributes = { "event.sequence": sequence, ...kept.attributes };
          const event = toQueued(id, severity, toJson({ ...kept, id, severity, attributes }, trace), chunk);
          chunk.events.push(event);
          chunk.bytes += event.bytes + 1;
          return;
        }
      }
    } catch {
      // the page's own objects or its beforeSend
    }
    core.drop(reason, [call]);
  };

  /** Makes events of calls; `isWhole`: however long it takes. */
  function tick(isWhole?: boolean): void {
    isTicking = false;
    const untilMs = performance.now() + MAX_SLICE_MS;
    // W3C trace context of what made the page.
    const meta = trace ? undefined : document?.querySelector<HTMLMetaElement>("[name=traceparent]");
    const [, traceId, spanId] = /-(\w{32})-(\w{16})-/.exec(meta?.content ?? "") ?? [];
    trace ??= { traceId, spanId };
    const head = session.head();
    const fresh: Chunk[] = [];
    let done = 0;
    let isUrgent = false;
    for (const call of calls) {
      if (done && !isWhole && performance.now() > untilMs) break;
      done += 1;
      let chunk = fresh.at(-1);
      if (!chunk || chunk.bytes > MAX_BATCH_BYTES / 2) {
        fresh.push((chunk = { key: `${core.owner}.${newId()}`, head, events: [], bytes: 0 }));
      }
      toEvent(call, chunk);
      isUrgent ||= URGENT.test(call.severity);
    }
    calls = calls.slice(done);
    if (calls[0]) setTimeout(tick);
    isTicking = !!calls[0];
    start();
    for (const chunk of fresh) {
      if (chunk.events[0]) {
        chunks.add(chunk);
        if (core.isOn) store.touch(chunk);
        carrier?.add(chunk);
      }
    }
    if (!carrier && core.isOn && !core.flights[0]) {
      // While the carrier loads nothing waits that matters.
      const send = (): void => {
        if (!core.flights[0]) dispatch();
        void load();
      };
      if (core.status.transport === "mqtt") void load();
      else if (isUrgent) send();
      else timer ??= setTimeout(() => carrier ?? send(), tuning?.maxAgeMs ?? MAX_AGE_MS);
    }
    core.emit("counts");
  }

  function log(call: LogCall): void {
    if (isDead) return;
    let reason: DropReason | undefined;
    if (core.status.state === "closed") reason = "closed";
    else if (core.consent === "refused") reason = "consent";
    // So many in one task that making events of them would block the page, or nothing to carry them away.
    else if (calls.length >= MAX_CALLS || (!carrier && chunks.size >= MAX_CALLS)) reason = "queue_full";
    if (reason) {
      core.drop(reason, [call]);
      return;
    }
    calls.push(call);
    if (!isTicking) queueMicrotask(tick);
    isTicking = true;
  }

  const on =
    (kind: string) =>
    (listener: (value: never) => void): (() => void) => {
      const entry = [kind, listener] as const;
      listeners.add(entry);
      return () => void listeners.delete(entry);
    };

  const share = (attributes: Attributes): void => {
    tick(true); // what was logged before belongs to what held before
    session.set(attributes);
  };

  const createChild = (bound: () => Attributes, add: (attributes: Attributes) => void): Logger => {
    const method =
      (severity: Severity): LogMethod =>
      (body, detail) => {
        const id = newId();
        log({ id, severity, body, attributes: { ...bound(), ...snapshot(detail) } });
        return id;
      };
    return {
      ...(Object.fromEntries(LEVELS.map((name) => [name, method(name)])) as Record<Severity, LogMethod>),
      child(attributes) {
        const inherited = bound;
        let own = snapshot(attributes);
        return createChild(
          () => ({ ...inherited(), ...own }),
          (more) => (own = { ...own, ...snapshot(more) }),
        );
      },
      setContext: add,
      setUser: (user) => share({ "user.id": user?.id, "user.name": user?.name, "user.email": user?.email }),
      setConsent(next) {
        if (isDead) return;
        core.consent = next;
        if (next === "granted") start();
        else {
          core.isOn = false;
          core.stop();
          void load().then(() => carrier?.refuse());
        }
      },
      useTransport: (mode, url) => void load().then(() => carrier?.use(mode, url)),
      async flush(timeoutMs = 10_000) {
        if (isDead || core.consent === "refused") return true;
        tick(true);
        return (await load())?.flush(timeoutMs) ?? false;
      },
      async close(timeoutMs = 5_000) {
        if (isDead) return;
        tick(true);
        await (await load())?.close(timeoutMs);
      },
      url,
      get status() {
        return core.status;
      },
      get counts() {
        return counts();
      },
      onStatus: on("status"),
      onCounts: on("counts"),
      onSettled: on("settled"),
    };
  };
  if (document && !isDead) whenIdle(start);
  return createChild(() => ({}), share);
};
