/**
 * Logs and counts what the Worker does not accept: requests that failed, and messages that it refused or that it stored as rejected.
 */
import type { ForwarderEvents } from "./forwarder.ts";
import type { LastFailure } from "./health.ts";
import type { HeldMessage } from "./held-message.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { RepeatFilter } from "./repeat-filter.ts";
import { toSender } from "./sender.ts";
import { toUnixMs } from "./to-unix-ms.ts";
import type { SendFailure } from "./worker-client.ts";

const MAX_LOGGED_APPS = 20;

/** The log lines of failures that name their cause. */
const TEXTS: Readonly<Partial<Record<SendFailure, string>>> = {
  clock_skew: "the Worker refuses the relay's clock; nothing is stored until the clocks agree",
  not_the_worker:
    "another server than the Worker responded; check RELAY_WORKER_URL and the servers in front of the Worker",
  size_limit: "a server in front of the Worker limits the size of requests; smaller ones are sent",
};

export interface FailureReports {
  readonly onRefused: ForwarderEvents["onRefused"];
  readonly onSetAside: ForwarderEvents["onSetAside"];
  readonly onFailure: ForwarderEvents["onFailure"];
  /** Call when the Worker has accounted for a message. */
  onDone(): void;
  /** The part of the relay's state that failures determine. */
  readStatus(): {
    readonly refusedMessages: number;
    readonly lastRefusalAtMs: number | undefined;
    readonly hasClockSkew: boolean;
    readonly lastFailure: LastFailure | undefined;
  };
}

export interface FailureReportsOptions {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly repeats: RepeatFilter;
  /** Returns the value of the label `app` for a topic. */
  readonly toAppLabel: (topic: string) => string;
}

const describeMessage = ({ topic, id, payload }: HeldMessage): object => ({
  ...toSender(topic),
  id,
  bytes: payload.byteLength,
});

export const createFailureReports = (options: FailureReportsOptions): FailureReports => {
  const { metrics, logger, repeats, toAppLabel } = options;
  let refusedMessages = 0;
  /** On the monotonic clock. */
  let lastRefusalMs: number | undefined;
  let hasClockSkew = false;
  let lastFailure: LastFailure | undefined;
  return {
    onRefused(message) {
      refusedMessages += 1;
      lastRefusalMs = performance.now();
      metrics.messagesRefused.inc();
      logger.error(describeMessage(message), "message permanently rejected by the Worker; dropping it");
    },
    onSetAside(message) {
      metrics.messagesSetAside.inc({ app: toAppLabel(message.topic) });
      logger.error(
        { ...describeMessage(message), reason: "internal" },
        "the Worker fails with this message or refuses it; it is stored as rejected",
      );
    },
    onFailure({ failure, message: detail }, messages) {
      const apps = new Set(messages.map(({ topic }) => toAppLabel(topic)));
      const [app, ...others] = apps;
      const isOneApp = others.length === 0;
      metrics.sendFailures.inc({ failure, app: isOneApp ? (app ?? "") : "" });
      if (failure === "clock_skew") hasClockSkew = true;
      lastFailure = { app: isOneApp ? app : undefined, failure, detail, at: new Date().toISOString() };
      const repeated = repeats.next(`failure ${failure} ${[...apps].join(" ")}`, 1);
      if (repeated === undefined) return;
      const level = failure === "unavailable" ? "warn" : "error";
      const client = messages.length === 1 ? toSender(messages[0]?.topic ?? "").client : undefined;
      const sender = isOneApp ? { app, client } : { apps: [...apps].slice(0, MAX_LOGGED_APPS) };
      const text = TEXTS[failure] ?? "sending a batch failed";
      logger[level]({ ...sender, failure, detail, messages: messages.length, repeated }, text);
    },
    onDone() {
      hasClockSkew = false;
    },
    readStatus: () => ({ refusedMessages, lastRefusalAtMs: toUnixMs(lastRefusalMs), hasClockSkew, lastFailure }),
  };
};
