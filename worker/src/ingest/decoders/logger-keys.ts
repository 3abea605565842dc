/**
 * The keys of the time and of the message of loggers that leave the other ones to the program: in a line of zap, `ts` is the time, and
 * `time` and `message` are fields. The order of the keys tells such loggers from others, such as zerolog with a field `msg`.
 */
import type { Dialect } from "#contract/wire/dialect.ts";
import type { JsonLineFields } from "./json-line-fields.ts";

/** A line of any format as its keys and values in the order of sending. */
type Members = ReadonlyMap<string, unknown>;

interface LoggerKeys {
  readonly time: string;
  readonly message: string;
}

/** Keys of which a logger writes some, and which a program may use for its fields. */
const KEYS: ReadonlySet<string> = new Set([
  "level",
  "lvl",
  "time",
  "timestamp",
  "ts",
  "t",
  "@timestamp",
  "message",
  "msg",
  "event",
]);

interface Order extends LoggerKeys {
  readonly keys: readonly string[];
}

/** These loggers write their keys before the fields. */
const FIRST: readonly Order[] = [
  // slog
  { keys: ["time", "level", "msg"], time: "time", message: "msg" },
  // zap
  { keys: ["level", "ts", "msg"], time: "ts", message: "msg" },
  // go-kit and others with logfmt
  { keys: ["ts", "level", "msg"], time: "ts", message: "msg" },
  // slog of Rust
  { keys: ["msg", "level", "ts"], time: "ts", message: "msg" },
  // log15
  { keys: ["t", "lvl", "msg"], time: "t", message: "msg" },
];

/** These loggers sort all keys. A line with more keys of {@link KEYS} can be another one. */
const SORTED: readonly Order[] = [
  // logrus
  { keys: ["level", "message", "msg", "time"], time: "time", message: "msg" },
  // go-kit
  { keys: ["level", "message", "msg", "ts"], time: "ts", message: "msg" },
  // log15
  { keys: ["lvl", "message", "msg", "t"], time: "t", message: "msg" },
  { keys: ["lvl", "msg", "t"], time: "t", message: "msg" },
];

/** logstash-logback-encoder whose message is named `msg`, with a field `message`. */
const LOGBACK: Order = { keys: ["@timestamp", "msg", "level"], time: "@timestamp", message: "msg" };

const STRUCTLOG: LoggerKeys = { time: "timestamp", message: "event" };

/** The names of Python's levels. */
const isPythonLevel = (level: unknown): boolean =>
  typeof level === "string" && /^(?:debug|info|warn(?:ing)?|error|critical)$/i.test(level);

const keysOf = (members: Members): readonly string[] => [...members.keys()].filter((key) => KEYS.has(key));

/**
 * Whether the members are those of structlog with `TimeStamper`. A program can give it a field `message`, and other loggers write the
 * same keys with a message and the name of an event: then `message` is the message.
 */
const isStructlog = (members: Members): boolean =>
  typeof members.get("event") === "string" &&
  isPythonLevel(members.get("level")) &&
  members.has("timestamp") &&
  !members.has("message") &&
  !members.has("msg");

const isSorted = (keys: readonly string[]): boolean => keys.every((key, i) => i === 0 || (keys[i - 1] ?? "") <= key);

const startsWith = (keys: readonly string[], start: readonly string[]): boolean =>
  start.every((key, i) => keys[i] === key);

const findLoggerKeys = (dialect: Dialect, members: Members): LoggerKeys | undefined => {
  const keys = keysOf(members);
  if (dialect === "logstash") return startsWith(keys, LOGBACK.keys) ? LOGBACK : undefined;
  if (dialect !== "json_line" && dialect !== "logfmt") return undefined;
  if (isStructlog(members)) return STRUCTLOG;
  const sorted = isSorted([...members.keys()])
    ? SORTED.find((order) => order.keys.length === keys.length && startsWith(keys, order.keys))
    : undefined;
  return sorted ?? FIRST.find((order) => startsWith(keys, order.keys));
};

/** The table of a line. If its keys have the order of a logger, the time and the message have the logger's own keys before others. */
export const withLoggerKeys = (dialect: Dialect, fields: JsonLineFields, members: Members): JsonLineFields => {
  const own = findLoggerKeys(dialect, members);
  if (own === undefined) return fields;
  return { ...fields, time: [own.time, ...fields.time], message: [own.message, ...fields.message] };
};
