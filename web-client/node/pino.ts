/**
 * A transport for pino. pino runs it in a worker thread, so that the main thread only writes lines of JSON.
 */
import { StringDecoder } from "node:string_decoder";
import { Writable } from "node:stream";
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Logger } from "../logger/logger.ts";
import { createLogger, type NodeLoggerOptions } from "./create-logger.ts";
import { parseLine } from "./parse-line.ts";
import { toPinoEvent, type PinoConfig } from "./pino-record.ts";

/** pino sends its options before the first line. The message is lost if another transport of this thread has received it earlier. */
const CONFIG_TIMEOUT_MS = 1_000;

const logLine = (logger: Logger, line: string, config: PinoConfig): void => {
  const record = parseLine(line);
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    if (line.trim() !== "") logger.info(line);
    return;
  }
  const { severity, body, attributes } = toPinoEvent(line, record as Attributes, config);
  // Without a message, the text of the attributes is the body.
  if (body === undefined) logger[severity](attributes);
  else logger[severity](body, attributes);
};

/** Lines that are logged before other work of the thread, such as receipts, gets its turn. */
const MAX_LINES = 500;

const logLines = async (logger: Logger, lines: readonly string[], config: PinoConfig): Promise<void> => {
  for (const [i, line] of lines.entries()) {
    if (i > 0 && i % MAX_LINES === 0) await setImmediate();
    logLine(logger, line, config);
  }
};

interface PinoMessage {
  readonly code?: string;
  readonly config?: PinoConfig;
}

/** Whether this thread is one that pino started. It sends its options to the thread, and otherwise emits them on the stream. */
const isStartedByPino = (): boolean =>
  (workerData as { readonly workerData?: { readonly pinoWillSendConfig?: unknown } } | null)?.workerData
    ?.pinoWillSendConfig === true;

/** Returns a function that returns the options of pino, or a promise of them while they are on the way. */
const receiveConfig = (stream: Writable): (() => PinoConfig | Promise<PinoConfig>) => {
  const thread = isStartedByPino() ? parentPort : null;
  const sender = thread ?? stream;
  const { promise, resolve } = Promise.withResolvers<PinoConfig>();
  let config: PinoConfig | undefined = thread ? undefined : {};
  let wait: Promise<PinoConfig> | undefined;
  const onMessage = (message: PinoMessage): void => {
    if (message.code !== "PINO_CONFIG") return;
    sender.off("message", onMessage);
    resolve((config = message.config ?? {}));
  };
  sender.on("message", onMessage);
  return () => config ?? (wait ??= Promise.race([promise, delay(CONFIG_TIMEOUT_MS, {}, { ref: false })]));
};

/**
 * The transport. Its options are those of `createLogger`, as far as they can be passed to a worker thread.
 *
 * @example
 * const log = pino({
 *   transport: {
 *     target: "edgelog-node/pino",
 *     options: { app: "shop", key: "elk_…", endpoint: "https://logs.example.com", outbox: "/var/lib/shop/edgelog" },
 *   },
 * });
 */
const createPinoTransport = (options: NodeLoggerOptions): Writable => {
  const logger = createLogger(options);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const log = async (lines: readonly string[]): Promise<void> => {
    const config = getConfig();
    await logLines(logger, lines, config instanceof Promise ? await config : config);
  };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      log(lines).then(() => done(), done);
    },
    final(done) {
      const last = rest + decoder.end();
      const logged = last === "" ? Promise.resolve() : log([last]);
      logged.then(() => logger.close()).then(() => done(), done);
    },
  });
  const getConfig = receiveConfig(stream);
  return stream;
};

export default createPinoTransport;
