/**
 * What a logger needs once something has been sent: receipts, retries, the other transport, and what earlier pages left.
 * Loaded with the first log. It is built apart from the core, and knows of it no more than the interface Core.
 */
import { MAX_CLIENT_ID_LENGTH } from "#contract/wire/limits.ts";
import { batchText, type Chunk, type QueuedEvent } from "../outbox/chunk.ts";
import type { Core, Flight } from "../core.ts";
import { createCourier } from "./sender.ts";
import { createHttpLink } from "./http/http-link.ts";
import { createPost, type PostOptions } from "./http/post.ts";
import { readAnswer } from "./http/read-response.ts";
import type { Delivery, TransportKind, TransportMode } from "./link.ts";
import type { LoggerCounts, LoggerStatus } from "../logger.ts";
import { newId } from "../event/new-id.ts";
import { createOutbox } from "../outbox/outbox.ts";
import { listen, whenIdle } from "../platform.ts";
import { createRecovery, unspill, wipe } from "../outbox/recovery.ts";
import { DEFAULT_TUNING } from "../tuning.ts";
import { utf8Length } from "../event/utf8-length.ts";

/** The carrier, as the core sees it. Those that the API calls return promises there. */
export interface Carrier {
  add(chunk: Chunk): void;
  /** Sends what a page that goes still can. */
  dispatch(): void;
  /** Drops everything, for want of consent. */
  forget(): void;
  counts(): LoggerCounts;
  /** Deletes what is on the device. */
  wipe(): void;
  use(mode: TransportMode, mqttUrl?: string): void;
  flush(timeoutMs?: number): Promise<boolean>;
  close(timeoutMs?: number): Promise<void>;
}

/** What the logger does not do for its own reasons needs no report. */
const DELIBERATE: readonly string[] = ["before_send", "consent", "closed"];
/** Below the 64 KiB that browsers grant to all of a page's requests with `keepalive` together. */
const KEEPALIVE_BYTES = 61_440;
const FLUSH_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
const RECOVER_AGAIN_MS = 500;
const ERASE_MS = 1_000;

/** Takes over from the core. */
export const createCarrier = (core: Core): Carrier => {
  const { options, url, store, totals, chunks } = core;
  const { app, key } = options;
  const { navigator, location, document } = globalThis as Partial<typeof globalThis>;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const endpoint = (options.endpoint ?? location?.origin ?? "").replace(/\/$/, "");
  const defaultMqttUrl = `${endpoint.replace(/^http/, "ws")}/mqtt`;
  const reported: Record<string, number> = {};
  let mode = options.transport ?? "auto";
  let mqttUrl = options.mqttUrl ?? defaultMqttUrl;
  let budget = KEEPALIVE_BYTES;
  let isOpen = false;
  let closing: Promise<void> | undefined;
  let endMqtt = (): void => {};
  let release: (() => void) | undefined;
  /** Chunks without events whose records are still there. */
  const accounted: Chunk[] = [];
  let erasing: ReturnType<typeof setTimeout> | undefined;

  // Over HTTP the server could read most of this off the request's own headers; over MQTT nobody says it.
  const sender = JSON.stringify({
    "telemetry.sdk.name": "edgelog-web",
    "user_agent.original": navigator?.userAgent,
    "browser.language": navigator?.language,
  }).slice(1, -1);
  // The server compares the time of sending with its own: a wrong clock shows.
  const toBody = (id: string, events: readonly QueuedEvent[]): string =>
    batchText(id, events)
      .replace(/"resource":{(}?)/, (_start, end) => `"resource":{${sender}${end || ","}`)
      .replace('"attributes":{', `"attributes":{"edgelog.sent_time":${Date.now()},`);
  const login: PostOptions = { url, app, key, timeoutMs: tuning.requestTimeoutMs, fetch: options.fetch };
  const post = createPost(login);
  const http = createHttpLink(login, () => mode === "http");

  const setStatus = (state: LoggerStatus["state"], transport: TransportKind = core.status.transport): void => {
    const { status } = core;
    if (status.state === "closed" || (status.state === state && status.transport === transport)) return;
    core.status = { state, transport };
    core.emit("status", core.status);
  };

  /** Says in a log what was lost: the reader of logs has to know. */
  const reportDrops = (): void => {
    const news: Record<string, number> = {};
    for (const [reason, count] of Object.entries(totals.dropped)) {
      const more = count - (reported[reason] ?? 0);
      if (more > 0 && !DELIBERATE.includes(reason)) news[`edgelog.dropped.${reason}`] = more;
      reported[reason] = count;
    }
    if (Object.keys(news).length === 0) return;
    core.accept({ id: newId(), severity: "warn", body: "Logs were dropped before they were sent", attributes: news });
  };

  const eraseAccounted = (): void => {
    clearTimeout(erasing);
    erasing = undefined;
    for (const chunk of accounted.splice(0)) store.touch(chunk);
  };

  const outbox = createOutbox(
    {
      touch(chunk) {
        unspill(store, [chunk]);
        // A transaction costs the page more than what is in it: deletions wait for one that is needed anyway. Who is
        // killed before sends those events once more, and the server knows them.
        if (chunk.queue.length > 0) store.touch(chunk);
        else {
          accounted.push(chunk);
          erasing ??= setTimeout(eraseAccounted, ERASE_MS);
        }
      },
    },
    chunks,
    tuning,
  );
  const courier = createCourier({
    outbox,
    tuning,
    toBody,
    onAccepted(events, known) {
      const duplicates = Math.min(known, events.length);
      totals.duplicates += duplicates;
      totals.stored += events.length - duplicates;
      if (events.length === 0) return;
      core.emit(
        "settled",
        events.map(({ id }) => ({ id, state: "stored" })),
      );
      core.emit("counts");
      reportDrops();
    },
    onRejected(refusals) {
      if (refusals.length === 0) return;
      totals.rejected += refusals.length;
      core.emit(
        "settled",
        refusals.map(({ event: { id }, reason, message }) => ({ id, state: "rejected", reason, message })),
      );
      core.emit("counts");
    },
    onTooLarge: (events) => core.drop("too_large", events.length),
    onDelivery({ state }, kind) {
      if (kind !== core.status.transport) return;
      if (state === "denied") setStatus("denied");
      // MQTT's link knows itself whether it is there; HTTP's is only as good as its last answer.
      else if (state !== "retry") setStatus("online");
      else if (kind === "http") setStatus("offline");
    },
  });

  const openLink = (): void => {
    let isEnded = false;
    endMqtt = () => (isEnded = true);
    setStatus("connecting", mode === "mqtt" ? mode : "http");
    if (mode !== "mqtt") courier.useLink(http);
    if (mode === "http") return;
    const load = async (): Promise<void> => {
      const { keepMqtt } = await import("./mqtt/start-mqtt.ts");
      if (isEnded) return;
      // The client id becomes a level of a topic, where `/`, `+` and `#` would mean something else.
      const clientId = (options.clientId ?? `web-${newId()}`).replace(/[^\w.-]/g, "-").slice(0, MAX_CLIENT_ID_LENGTH);
      endMqtt = keepMqtt({
        login: { url: mqttUrl, app, key, clientId, connect: options.connectMqtt },
        mode,
        http,
        tuning,
        onLink: courier.useLink,
        onState: setStatus,
      });
    };
    // Not to be had, e.g. offline: a return of the network tries again.
    const begin = (): void => {
      load().catch(() => {
        isOpen = false;
        if (mode === "mqtt") setStatus("offline");
      });
    };
    if (mode === "mqtt") begin();
    else whenIdle(begin);
  };

  const open = (): void => {
    if (isOpen || closing || core.choice !== "granted") return;
    isOpen = true;
    // Says to other tabs that this one lives: what it wrote is its own to send.
    void navigator?.locks?.request(store.name + core.owner, () => new Promise<void>((resolve) => (release = resolve)));
    openLink();
    void recover();
    // The database may not have been open yet.
    setTimeout(() => void recover(), RECOVER_AGAIN_MS);
  };

  const wake = (): void => {
    unspill(store, chunks);
    open();
    courier.wake();
    void recover();
  };
  const ends = [
    listen(["online", "focus", "pageshow"], wake),
    listen(["visibilitychange"], () => document?.hidden || wake()),
  ];

  const add = (chunk: Chunk): void => {
    const dropped = outbox.add(chunk);
    eraseAccounted();
    if (dropped.length > 0) core.drop("queue_full", dropped.length);
    open();
    courier.pump();
  };

  const recover = createRecovery({
    core,
    maxKeepMs: tuning.maxKeepMs,
    add,
    isOver: () => !core.stop || closing !== undefined,
  });

  const toDelivery = async (answer: Flight["answer"]): Promise<Delivery> => readAnswer(await answer);

  /** The core's own requests have no time limit. */
  const follow = ({ chunk: { queue }, answer }: Flight): void => {
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, tuning.requestTimeoutMs));
    outbox.hold(queue);
    void courier.follow([...queue], toDelivery(Promise.race([answer, late])));
  };

  const waiting = (): QueuedEvent[] => [...chunks].flatMap(({ queue }) => queue).filter(({ isGone }) => !isGone);

  /** On their usual way, too: whichever receipt comes first counts. */
  const sendLast = (events: readonly QueuedEvent[]): void => {
    const body = toBody(newId(), events);
    const bytes = utf8Length(body);
    budget -= bytes;
    const answer = post(body, true).finally(() => (budget += bytes));
    void toDelivery(answer).then((delivery) => {
      courier.settle(events, delivery);
      courier.pump();
    });
  };

  const finish = async (timeoutMs: number): Promise<void> => {
    if (isOpen) await courier.flush(timeoutMs);
    core.stop?.();
    for (const end of ends) end();
    courier.stop();
    eraseAccounted();
    endMqtt();
    http.close();
    release?.();
    // Records stay: the next page sends them.
    core.drop("closed", waiting().length);
    outbox.clear();
    core.accept = () => core.drop("closed");
    setStatus("closed");
  };

  for (const chunk of chunks) outbox.add(chunk);
  for (const flight of core.flights) follow(flight);
  open();
  courier.pump();

  return {
    add,
    dispatch() {
      let events: QueuedEvent[] = [];
      let room = budget;
      for (const event of waiting()) {
        const head = events[0]?.chunk.head;
        if (head !== undefined && head !== event.chunk.head) {
          sendLast(events);
          events = [];
        }
        if (events.length === 0) room -= utf8Length(event.chunk.head) + utf8Length(sender) + 256;
        room -= utf8Length(event.json) + 1;
        if (room < 0) break;
        events.push(event);
      }
      if (events.length > 0) sendLast(events);
    },
    forget() {
      core.drop("consent", waiting().length);
      outbox.clear();
      endMqtt();
      courier.useLink(undefined);
      isOpen = false;
      setStatus("idle");
    },
    wipe() {
      if (core.choice !== "granted") wipe(store);
    },
    use(nextMode, nextUrl = defaultMqttUrl) {
      mode = nextMode;
      mqttUrl = nextUrl;
      if (!isOpen || closing) return;
      endMqtt();
      courier.useLink(undefined);
      openLink();
    },
    flush: (timeoutMs = FLUSH_TIMEOUT_MS) => courier.flush(timeoutMs),
    close: (timeoutMs = CLOSE_TIMEOUT_MS) => (closing ??= finish(timeoutMs)),
    counts: () => ({ queued: outbox.waiting.length, inFlight: outbox.held, ...totals, dropped: { ...totals.dropped } }),
  };
};
