/**
 * What a logger needs once something has been sent: receipts, retries, the other transport, and what earlier pages left.
 * Loaded when the page is idle, or with the first request.
 */
import { MAX_CLIENT_ID_LENGTH } from "../../contract/limits.ts";
import type { Chunk } from "./chunk.ts";
import type { Core, Flight } from "./core.ts";
import { createCourier } from "./courier.ts";
import type { Link, TransportKind, TransportMode } from "./link.ts";
import type { LoggerCounts, LoggerStatus } from "./logger.ts";
import { createOutbox } from "./outbox.ts";
import { readAnswer } from "./read-answer.ts";
import { recover, wipe } from "./recover.ts";
import { DEFAULT_TUNING } from "./tuning.ts";

/** The carrier, as the core sees it. */
export interface Carrier {
  add(chunk: Chunk): void;
  follow(flight: Flight): void;
  wake(): void;
  refuse(): void;
  use(mode: TransportMode, mqttUrl?: string): void;
  flush(timeoutMs: number): Promise<boolean>;
  close(timeoutMs: number): Promise<void>;
  counts(): LoggerCounts;
}

/** What the logger does not do for its own reasons needs no report. */
const DELIBERATE: readonly string[] = ["before_send", "sampled", "consent", "closed"];

/** Takes over from the core. */
export const createCarrier = (core: Core): Carrier => {
  const { options, endpoint, store, totals } = core;
  const { newId, batchText, whenIdle } = core.tools;
  const { app, key } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const defaultMqttUrl = `${endpoint.replace(/^http/, "ws")}/mqtt`;
  const reported: Record<string, number> = {};
  let mode = options.transport ?? "auto";
  let mqttUrl = options.mqttUrl ?? defaultMqttUrl;
  let isOpen = false;
  let closing: Promise<void> | undefined;
  let endMqtt = (): void => {};

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
    core.log({ id: newId(), severity: "warn", body: "Logs were dropped before they were sent", attributes: news });
  };

  const outbox = createOutbox(store, core.chunks, tuning);
  const courier = createCourier({
    outbox,
    tuning,
    newId,
    batchText,
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
    onTooLarge: (events) => core.drop("too_large", events),
    onDelivery({ state }, kind) {
      if (kind !== core.status.transport) return;
      if (state === "denied") setStatus("denied");
      // MQTT's link knows itself whether it is there; HTTP's is only as good as its last answer.
      else if (state !== "retry") setStatus("online");
      else if (kind === "http") setStatus("offline");
    },
  });
  const http: Link = {
    kind: "http",
    send: async ({ body }) => readAnswer(await core.post(body)),
    closed: new Promise(() => {}),
    close() {},
  };

  const openLink = (): void => {
    let isEnded = false;
    endMqtt = () => (isEnded = true);
    setStatus("connecting", mode === "mqtt" ? mode : "http");
    if (mode !== "mqtt") courier.useLink(http);
    if (mode === "http") return;
    const load = async (): Promise<void> => {
      const { keepMqtt } = await import("./mqtt/keep-mqtt.ts");
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

  const adopt = (): void => {
    recover(core, tuning.maxKeepMs, add).catch(() => {}); // a broken database: nothing to recover
  };

  const open = (): void => {
    if (isOpen || closing || core.consent !== "granted") return;
    isOpen = true;
    openLink();
    adopt();
  };

  const add = (chunk: Chunk): void => {
    const dropped = outbox.add(chunk);
    if (dropped.length > 0) core.drop("queue_full", dropped);
    open();
    courier.pump();
  };

  const follow = ({ events, answer, isLast }: Flight): void => {
    const delivery = answer.then(readAnswer);
    if (isLast) {
      // The page lived on: its receipt counts, and whatever else became of it, the events go their usual way.
      void delivery.then((known) => {
        courier.settle(events, known);
        courier.pump();
      });
    } else {
      outbox.hold(events);
      void courier.follow(events, delivery);
    }
  };

  const finish = async (timeoutMs: number): Promise<void> => {
    if (isOpen) await courier.flush(timeoutMs);
    store.write();
    core.stop();
    courier.stop();
    endMqtt();
    core.release?.();
    // Records stay: the next page sends them.
    core.drop("closed", core.forget());
    outbox.clear();
    setStatus("closed");
  };

  for (const chunk of core.chunks) outbox.add(chunk);
  for (const flight of core.flights) follow(flight);
  open();
  courier.pump();

  return {
    add,
    follow,
    wake() {
      open();
      courier.wake();
      if (isOpen) adopt();
    },
    refuse() {
      if (core.isOn) return; // granted again in the meantime
      const all = core.forget();
      for (const event of all) (event as { isGone?: boolean }).isGone = true;
      outbox.clear();
      core.drop("consent", all);
      endMqtt();
      courier.useLink(undefined);
      isOpen = false;
      setStatus("idle");
      wipe(store);
    },
    use(nextMode, nextUrl = defaultMqttUrl) {
      mode = nextMode;
      mqttUrl = nextUrl;
      if (!isOpen || closing) return;
      endMqtt();
      courier.useLink(undefined);
      openLink();
    },
    flush: (timeoutMs) => courier.flush(timeoutMs),
    close: (timeoutMs) => (closing ??= finish(timeoutMs)),
    counts: () => ({ queued: outbox.waiting.length, inFlight: outbox.held, ...totals, dropped: { ...totals.dropped } }),
  };
};
