/**
 * Connects the relay's components: broker sessions → queue → forwarder → Worker, then receipt and PUBACK back.
 * Guarantee: a QoS 1 message is acknowledged to the broker only after the Worker accounted for each of its events.
 */
import type { ReceivedReceipt } from "#contract/wire/receipt.ts";
import type { RelayConfig } from "./config.ts";
import { FairQueue } from "./fair-queue.ts";
import { createFailureReports } from "./failure-reports.ts";
import { createForwarder } from "./forwarder.ts";
import { HandoverFile, type Handover } from "./handover-file.ts";
import type { RelayStatus } from "./health.ts";
import type { HeldMessage } from "./held-message.ts";
import type { Logger } from "./logger.ts";
import { HeldMemory } from "./held-memory.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { sendReceipt } from "./receipts.ts";
import { AcknowledgedMemory } from "./redelivery-tracker.ts";
import { RepeatFilter } from "./repeat-filter.ts";
import { createAppLabel, toSender } from "./sender.ts";
import { startSessions } from "./sessions.ts";
import { skipUserProperties } from "./skip-user-properties.ts";
import { createState, StateWriter, type RelayState } from "./state-file.ts";
import { toUnixMs } from "./to-unix-ms.ts";
import type { SessionOfUser } from "./users-file.ts";
import { createWorkerClient } from "./worker-client.ts";

export interface Relay {
  readonly metrics: Metrics;
  readonly readStatus: () => RelayStatus;
  /** True while every session is connected and subscribed. */
  readonly isReady: () => boolean;
  /** True if the user's session is connected and subscribed. `undefined` for a user that is not in the users file. */
  readonly isSubscribed: (user: string) => boolean | undefined;
  /**
   * Stops accepting messages, sends and acknowledges the held messages within `drainDeadlineMs`, writes the handover file,
   * then disconnects.
   */
  stop(): Promise<void>;
}

/** The content of the files that earlier relays and the registry have written. */
export interface RelayFiles {
  /** Default: no messages of a previous relay. */
  readonly handover?: Handover;
  /** Default: no session exists. */
  readonly state?: RelayState;
  /** The state file exists and could not be read. Default: false. */
  readonly isStateUnreadable?: boolean;
  /** The users file. Default: no users. */
  readonly users?: SessionOfUser;
}

export const startRelay = (config: RelayConfig, logger: Logger, files: RelayFiles = {}): Relay => {
  skipUserProperties();
  const { handover = {}, state = createState(), users = new Map<string, string>() } = files;
  const stateUnreadableMs = files.isStateUnreadable === true ? performance.now() : undefined;
  const queue = new FairQueue({ ...config.batch, maxSessionRequests: Math.max(1, config.maxInFlight - 1) });
  const heldMemory = new HeldMemory({ maxBytes: config.maxHeldBytes, maxMessages: config.broker.receiveMaximum });
  const handoverFile = new HandoverFile(config.handoverFile, logger);
  const aborter = new AbortController();
  const repeats = new RepeatFilter();
  const toAppLabel = createAppLabel();
  let lostSessions = 0;
  // Both on the monotonic clock.
  let lastLossMs: number | undefined;
  let lastDropMs: number | undefined;
  let brokerStoredBytes = 0;
  let brokerHeapBytes: number | undefined;

  const writer =
    config.stateFile === undefined
      ? undefined
      : new StateWriter(config.stateFile, (error) =>
          logger.error({ error: String(error) }, "could not write the state file; a later loss may not be detected"),
        );
  const saveState = (): void => void writer?.save(state);
  // A directory that is not writable is reported before the first change.
  saveState();

  const readStatus = (): RelayStatus => {
    const readySessions = sessions.all.filter(({ broker }) => broker.isReady).length;
    return {
      heldMessages: heldMemory.count,
      heldBytes: heldMemory.bytes,
      inFlightRequests: forwarder.inFlight,
      oldestUnacknowledgedMs: Math.max(...sessions.all.map(({ memory }) => memory.oldestAgeMs)),
      isConnected: readySessions === sessions.all.length,
      sessions: sessions.all.length,
      readySessions,
      slowSessions: new Set(queue.slowLanes.map((lane) => lane.oldest?.session)).size,
      lostSessions,
      lastLossAtMs: toUnixMs(lastLossMs),
      brokerDroppedMessages: state.brokerDropped.total,
      lastDropAtMs: toUnixMs(lastDropMs),
      isStateSaved: writer?.isSaved ?? true,
      stateUnreadableAtMs: toUnixMs(stateUnreadableMs),
      isHandoverStale: handoverFile.isStale,
      brokerStoredBytes,
      brokerHeapBytes,
      brokerQueueBytes: config.brokerQueueBytes,
      certificateDays: sessions.main.broker.readCertificateDays(Date.now()),
      ...failures.readStatus(),
    };
  };
  const readSessionAges = (): ReadonlyMap<string, number> => {
    const busy = sessions.all.filter(({ memory }) => memory.count > 0);
    return new Map(busy.map(({ name, memory }) => [name, memory.oldestAgeMs]));
  };
  const metrics = createMetrics(readStatus, readSessionAges);
  const { totals } = metrics;

  const countReceipt = ({ topic }: HeldMessage, { stored, duplicates, rejected }: ReceivedReceipt): void => {
    totals.done += 1;
    totals.stored += stored;
    totals.duplicates += duplicates;
    if (rejected.length === 0) return;
    const app = toAppLabel(topic);
    for (const { reason } of rejected) {
      metrics.eventsRejected.inc({ reason, app });
      const events = repeats.next(`rejected ${reason} ${app}`, 1);
      if (events !== undefined) logger.warn({ ...toSender(topic), reason, events }, "events were rejected");
    }
  };

  const failures = createFailureReports({ metrics, logger, repeats, toAppLabel });
  const forwarder = createForwarder({
    queue,
    worker: createWorkerClient(config.worker),
    maxInFlight: config.maxInFlight,
    signal: aborter.signal,
    onDone(message, receipt) {
      failures.onDone();
      countReceipt(message, receipt);
      const result = sendReceipt(message, receipt, message.session.publishReceipt);
      if (result !== undefined) totals.receipts[result] += 1;
      message.session.release(message);
    },
    onRefused(message) {
      failures.onRefused(message);
      message.session.release(message);
    },
    onSetAside: failures.onSetAside,
    onFailure: failures.onFailure,
  });

  const sessions = startSessions({
    config,
    logger,
    heldMemory,
    acknowledgedMemory: new AcknowledgedMemory(),
    metrics,
    handover,
    onHandoverEnd: () => handoverFile.delete(),
    users,
    known: state.sessions,
    onKnownChange: saveState,
    onMessage(message) {
      queue.add(message);
      forwarder.sendDue();
    },
    onHeldBack({ topic }) {
      const { app, client } = toSender(topic);
      const repeated = repeats.next(`held back ${app}`, 1);
      if (repeated === undefined) return;
      logger.warn({ app, client }, "the app sends faster than its messages can be stored; they wait in the broker");
    },
    onSessionLost() {
      metrics.sessionsLost.inc();
      lostSessions += 1;
      lastLossMs = performance.now();
    },
    onBrokerDropped(messages) {
      const { brokerDropped } = state;
      // The broker's counter starts again when the broker starts.
      const more = messages >= brokerDropped.last ? messages - brokerDropped.last : messages;
      brokerDropped.last = messages;
      brokerDropped.total += more;
      if (more === 0) return;
      lastDropMs = performance.now();
      logger.error({ messages: more }, "the broker dropped messages");
      saveState();
    },
    onBrokerStoredBytes(bytes) {
      brokerStoredBytes = bytes;
    },
    onBrokerHeapBytes(bytes) {
      brokerHeapBytes = bytes;
    },
  });

  return {
    metrics,
    readStatus,
    isReady: () => sessions.all.every(({ broker }) => broker.isReady),
    isSubscribed: (user) => sessions.isSubscribed(user),
    async stop() {
      const stopped = sessions.stopWatching();
      for (const session of sessions.all) session.stopAccepting();
      heldMemory.disable();
      const deadline = setTimeout(() => aborter.abort(), config.drainDeadlineMs);
      await Promise.race([
        forwarder.drained(),
        new Promise((resolve) => aborter.signal.addEventListener("abort", resolve, { once: true })),
      ]);
      clearTimeout(deadline);
      if (heldMemory.count > 0) {
        logger.warn(
          { messages: heldMemory.count },
          "stopping with unacknowledged messages; the broker will redeliver them",
        );
      }
      const entries = sessions.all.map((session) => [session.name, session.toHandover()] as const);
      await handoverFile.write(Object.fromEntries(entries.filter(([, own]) => own.length > 0)));
      await writer?.close(state);
      await Promise.all([stopped, ...sessions.all.map(({ broker }) => broker.stop())]);
    },
  };
};
