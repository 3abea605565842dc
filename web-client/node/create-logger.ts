/**
 * The logger for Node.js: the browser logger's core and delivery, with an outbox in a file.
 */
import { createLogger as createCoreLogger } from "../logger/create-logger.ts";
import { describe } from "../logger/event/describe.ts";
import { newId } from "../logger/event/new-id.ts";
import { late } from "../logger/event/readable.ts";
import type { Logger, LoggerOptions } from "../logger/logger.ts";
import { createDelivery } from "../logger/send/delivery.ts";
import { DEFAULT_TUNING } from "../logger/tuning.ts";
import { createOutboxFile } from "./outbox-file.ts";
import { onProcess } from "./process-events.ts";
import { createRequests } from "./requests.ts";
import { pendingWrites, type OutboxOptions } from "./store.ts";
import { watchDelivery } from "./warn-undelivered.ts";

/** Options of `createLogger` in Node.js. */
export interface NodeLoggerOptions extends Omit<LoggerOptions, "consent" | "endpoint"> {
  /** URL of the Worker, e.g. `https://logs.example.com`. */
  readonly endpoint: string;
  /**
   * Path of the file in which events are stored until a receipt accounts for them. One process or worker thread at a time uses it; its
   * folder must exist.
   * Default: events are in memory only.
   */
  readonly outbox?: string;
}

/** A server logs more than a page, and its memory and disk are larger. */
const TUNING = { ...DEFAULT_TUNING, maxQueuedEvents: 100_000, maxQueuedBytes: 67_108_864 };

const FLUSH_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** A process that has finished its work waits at most this time for receipts. */
const EXIT_TIMEOUT_MS = 5_000;

/** Keeps the process running until `wait` settles. The logger's timers do not. */
const holdProcess = async <Value>(wait: Promise<Value>): Promise<Value> => {
  const timer = setInterval(() => {}, 60_000);
  try {
    return await wait;
  } finally {
    clearInterval(timer);
  }
};

const withHolds = (logger: Logger): Logger =>
  Object.assign(Object.create(logger) as Logger, {
    child: (attributes) => withHolds(logger.child(attributes)),
    flush: (timeoutMs = FLUSH_TIMEOUT_MS) => holdProcess(logger.flush(timeoutMs)),
    close: (timeoutMs = CLOSE_TIMEOUT_MS) => holdProcess(logger.close(timeoutMs)),
  } satisfies Partial<Logger>);

/**
 * Creates a logger. Never throws: it warns on standard error when events are not delivered. With the option `outbox`, events survive the end of the process: the next process with the same
 * outbox sends them with the same ids, so that each is stored once.
 *
 * A process that has nothing else to do waits up to 5 seconds for receipts, and then ends. A server that does not finish its response can
 * delay this by another 30 seconds (`tuning.requestTimeoutMs`); `close` takes at most 5. Call `close` before `process.exit()`, and always
 * with MQTT, whose connection keeps the process running.
 *
 * @example
 * const log = createLogger({ app: "shop", key: "elk_…", endpoint: "https://logs.example.com", outbox: "/var/lib/shop/edgelog" });
 * log.info("Order placed", { "order.id": "o-17" });
 * await log.close();
 */
export const createLogger = (options: NodeLoggerOptions): Logger => {
  // A page loads these two later. A burst of logs in the first task needs them at once.
  late._describe = describe;
  const { outbox, ...rest } = options;
  const outboxFile = outbox === undefined ? undefined : createOutboxFile(outbox);
  const tuning = { ...TUNING, ...options.tuning };
  const requests = createRequests(options.fetch, tuning.requestTimeoutMs);
  const warnings = watchDelivery({ ...options, fetch: requests.fetch });
  const coreOptions: OutboxOptions = {
    transport: options.mqttUrl === undefined ? "http" : "auto",
    clientId: `node-${newId()}`,
    ...rest,
    tuning,
    outboxFile,
    createDelivery,
    ...warnings.options,
  };
  const logger = withHolds(createCoreLogger(coreOptions));
  warnings.watch(logger);
  const warnLost = (count: number): void => {
    // The next process sends the events in the outbox.
    if (outboxFile?.isOpen !== true) warnings.warnLost(count);
  };
  const onEmpty = (): void => {
    offEmpty();
    const { queued, inFlight } = logger.counts;
    if (queued + inFlight > 0) void logger.flush(EXIT_TIMEOUT_MS).then(requests.abortAll);
  };
  const writePending = (): void => {
    for (const write of pendingWrites) write();
  };
  // Writes calls that the process ended too early for: the core waits for the end of the current task.
  const onExit = (): void => {
    void logger.flush(0);
    writePending();
    const { queued, inFlight } = logger.counts;
    warnLost(queued + inFlight);
  };
  const offEmpty = onProcess("beforeExit", onEmpty);
  const offExit = onProcess("exit", onExit);
  logger.onStatus(({ state }) => {
    if (state !== "closed") return;
    offEmpty();
    offExit();
    writePending();
    warnLost(logger.counts.dropped.closed ?? 0);
    outboxFile?.close();
    requests.abortAll();
  });
  return logger;
};
