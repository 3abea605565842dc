/**
 * A transport for pino. pino runs it in a worker thread, so that the main thread only writes lines of JSON.
 */
import { StringDecoder } from "node:string_decoder";
import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { Logger } from "../logger/logger.ts";
import { parseJson } from "../logger/parse-json.ts";
import { createLogger, type NodeLoggerOptions } from "./create-logger.ts";
import { withEventFields } from "./event-fields.ts";

/** Lower bounds of the levels, highest first. Custom levels between them get the severity below. */
const LEVELS: readonly (readonly [number, Severity])[] = [
  [60, "fatal"],
  [50, "error"],
  [40, "warn"],
  [30, "info"],
  [20, "debug"],
];

const toSeverity = (level: unknown): Severity => LEVELS.find(([bound]) => Number(level) >= bound)?.[1] ?? "trace";

/** An error as pino's serializer writes it. */
const toException = (value: unknown): Attributes => {
  if (typeof value !== "object" || value === null) return value === undefined ? {} : { err: value };
  const { type, message, stack, ...more } = value as Attributes;
  const own = Object.entries(more).map(([name, property]) => [`error.${name}`, property] as const);
  return {
    "exception.type": type,
    "exception.message": message,
    "exception.stacktrace": stack,
    ...Object.fromEntries(own),
  };
};

/** A value without the properties that are `undefined`. */
const compact = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

const logLine = (logger: Logger, line: string): void => {
  const record = parseJson(line);
  if (typeof record !== "object" || record === null) {
    if (line.trim() !== "") logger.info(line);
    return;
  }
  // `pid` and `hostname` are those of this process, which each batch contains.
  const { level, time, msg, err, pid: _pid, hostname: _hostname, name, ...rest } = record as Attributes;
  const exception = toException(err);
  const attributes = { ...rest, "log.logger": name, ...exception };
  const body = msg ?? exception["exception.message"] ?? "";
  logger[toSeverity(level)](body, withEventFields(compact(attributes), time));
};

/** Lines that are logged before other work of the thread, such as receipts, gets its turn. */
const MAX_LINES = 500;

const logLines = async (logger: Logger, lines: readonly string[]): Promise<void> => {
  for (const [i, line] of lines.entries()) {
    if (i > 0 && i % MAX_LINES === 0) await setImmediate();
    logLine(logger, line);
  }
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
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      logLines(logger, lines).then(() => done(), done);
    },
    final(done) {
      logLine(logger, rest + decoder.end());
      logger.close().then(() => done(), done);
    },
  });
};

export default createPinoTransport;
