/**
 * The shapes of the JSON lines that common loggers write. Each row names what only lines of this format contain. The fields are in
 * worker/src/ingest/decoders/json-line-fields.ts. Pure, without zod.
 */
import { isObject, type JsonObject } from "./json-object.ts";
import { severityOfName } from "./severity-names.ts";
import { SEVERITY_NUMBERS } from "./severity.ts";
import { isUuid } from "./uuid.ts";

interface JsonLineFormat {
  readonly input: "object";
  readonly matches: (object: JsonObject) => boolean;
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";

/** Keys of the level and of the time in lines without a more specific shape. */
const LEVEL_KEYS = ["level", "severity", "levelname", "lvl", "loglevel"] as const;
const MESSAGE_KEYS = ["message", "msg"] as const;
const TIME_KEYS = ["time", "timestamp", "ts", "@timestamp", "asctime", "date", "datetime"] as const;

/** Fields of the journal that nearly all of its entries have. */
const JOURNAL_KEYS = ["__REALTIME_TIMESTAMP", "PRIORITY", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT", "_HOSTNAME"] as const;

/** Keys of which an event of edgelog without a body may have one, see log-event.ts. */
const EVENT_KEYS = ["body", "severity"] as const;

/** Keys of levels that an event of edgelog does not have. */
const LOGGER_LEVEL_KEYS = LEVEL_KEYS.filter((key) => key !== "severity");

const isLevel = (value: unknown): boolean => isText(value) || isNumber(value);
const has = (object: JsonObject, keys: readonly string[]): boolean => keys.some((key) => key in object);

/** A text `event` with the name of a level of Python, as structlog writes them without `TimeStamper`. */
const isStructlog = ({ event, level }: JsonObject): boolean =>
  isText(event) && /^(?:debug|info|warn(?:ing)?|error|critical)$/i.test(String(level));

/** An event or a batch of edgelog with a member that they do not have: it is rejected, and names the member. */
const isOwn = ({ body, severity, id, attributes, events }: JsonObject): boolean => {
  if (Array.isArray(events)) return true;
  if (isText(body) && isText(severity) && Object.hasOwn(SEVERITY_NUMBERS, severity)) return true;
  return (body !== undefined || severity !== undefined) && (isUuid(id) || isObject(attributes));
};

const isLevelName = (value: unknown): boolean => severityOfName(value) !== undefined;

/** The keys of loggers that do not name a message `message` or `msg`. `isCertain`: also if the program has a field of that name. */
const RENAMED_FORMATS = {
  /** HashiCorp's hclog, logrus with the names of Logstash, and winston's `format.logstash()`. */
  at: {
    isCertain: (object: JsonObject) => "@message" in object && isLevelName(object["@level"]),
    matches: (object: JsonObject) => "@message" in object && ("@timestamp" in object || isText(object["@level"])),
  },
  /** .NET's AddJsonConsole, Serilog's JsonFormatter, and NLog. */
  dotnet: {
    isCertain: ({ Message, MessageTemplate, LogLevel, Level }: JsonObject) =>
      (isText(Message) && isLevelName(LogLevel)) || (isText(MessageTemplate) && isLevelName(Level)),
    matches: (object: JsonObject) =>
      ["Message", "RenderedMessage", "MessageTemplate"].some((key) => isText(object[key])) &&
      (isLevelName(object["LogLevel"]) || isLevelName(object["Level"])),
  },
  /** zap's development configuration. */
  zap: {
    isCertain: ({ L: level, T: time, M: message }: JsonObject) =>
      isLevelName(level) && isText(time) && /^\d{4}-\d\d-\d\dT/.test(time) && isText(message),
    matches: () => false,
  },
  /** Python's eliot. */
  eliot: {
    isCertain: () => false,
    matches: ({ task_uuid: id, task_level: position, timestamp }: JsonObject) =>
      isText(id) && Array.isArray(position) && timestamp !== undefined,
  },
} as const;

export type RenamedFormat = keyof typeof RENAMED_FORMATS;

/** The format of a line whose message has another name. */
export const findRenamedFormat = (object: JsonObject): RenamedFormat | undefined => {
  if (isOwn(object)) return undefined;
  const hasMessage = has(object, MESSAGE_KEYS);
  return (Object.keys(RENAMED_FORMATS) as RenamedFormat[]).find((format) => {
    const { isCertain, matches } = RENAMED_FORMATS[format];
    return isCertain(object) || (!hasMessage && matches(object));
  });
};

/**
 * A message of any type with a level or a time; a time and the name of a level, as zerolog's `Send` writes them; a time and a text `log`, as
 * Fluent Bit sends lines; the line of structlog; or one whose message has another name. An event of edgelog has no `message`, `msg`, `log`, `event` or `level`: a line with
 * `body` or `severity` is one of a logger if it has a time and a text `event` or `level`.
 */
const isJsonLine = (object: JsonObject): boolean => {
  const hasTime = has(object, TIME_KEYS);
  if (findRenamedFormat(object) !== undefined) return true;
  if (has(object, MESSAGE_KEYS)) return hasTime || LEVEL_KEYS.some((key) => isLevel(object[key]));
  if (isOwn(object)) return false;
  if (isStructlog(object)) return true;
  const isEventLike = has(object, EVENT_KEYS) && !isText(object["event"]);
  const levels = isEventLike ? LOGGER_LEVEL_KEYS : LEVEL_KEYS;
  const hasLog = isText(object["log"]) && !has(object, EVENT_KEYS);
  return hasTime && (hasLog || levels.some((key) => isText(object[key])));
};

/** Numbers of pino, and not of scales such as 0 to 7 of syslog and 10,000 to 50,000 of Logback. */
const isPinoLevel = (level: number): boolean => level >= 10 && level <= 100;

/** pino can leave out the time (`timestamp: false`) or the process (`base: null`), and rename the message (`messageKey: "message"`). */
const isPino = (object: JsonObject): boolean => {
  const { level } = object;
  if (typeof level !== "number") return false;
  if ("pid" in object && "hostname" in object) return true;
  if ("msg" in object) return "time" in object || (isText(object["msg"]) && isPinoLevel(level));
  if ("message" in object) return isPinoLevel(level) && !LEVEL_KEYS.some((key) => isText(object[key]));
  return "time" in object && !("body" in object) && has(object, ["err", "pid"]);
};

const isTracing = (object: JsonObject): boolean => {
  const { fields, timestamp, level, target } = object;
  if (!isObject(fields) || !isText(level) || !isText(target)) return false;
  if (isText(timestamp)) return true;
  return /^(?:TRACE|DEBUG|INFO|WARN|ERROR)$/.test(String(level)) && !isOwn(object) && !isJsonLine(object);
};

/** Rows are tried from top to bottom, after the row `ecs` and before the row `event` of `DIALECTS`. */
export const JSON_LINE_FORMATS = {
  /** Serilog's compact log event format: https://clef-json.org */
  clef: { input: "object", matches: (object) => "@t" in object && ("@m" in object || "@mt" in object) },
  /** logstash-logback-encoder, and Logstash itself. */
  logstash: {
    input: "object",
    matches: (object) => "@timestamp" in object && "@version" in object && isText(object["message"]),
  },
  /** Graylog Extended Log Format 1.1: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html */
  gelf: {
    input: "object",
    matches: (object) => isText(object["short_message"]) && "version" in object && "host" in object,
  },
  /** Docker's json-file. */
  docker: {
    input: "object",
    matches: ({ log, stream, time }) => isText(log) && (stream === "stdout" || stream === "stderr") && isText(time),
  },
  /** `journalctl -o json` (https://systemd.io/JOURNAL_EXPORT_FORMATS), and shippers that replace the time, such as Fluent Bit. */
  journald: { input: "object", matches: (object) => "MESSAGE" in object && has(object, JOURNAL_KEYS) },
  /** Log4j's JsonLayout. */
  log4j: {
    input: "object",
    matches: (object) =>
      isText(object["loggerName"]) && "message" in object && ("instant" in object || "timeMillis" in object),
  },
  /** The JSON format of Rust's tracing-subscriber, also `without_time()`. */
  tracing: { input: "object", matches: isTracing },
  /** loguru with `serialize=True`. */
  loguru: {
    input: "object",
    matches: ({ text, record }) => isText(text) && isObject(record) && "level" in record && "message" in record,
  },
  bunyan: {
    input: "object",
    matches: (object) =>
      object["v"] === 0 && isNumber(object["level"]) && "hostname" in object && has(object, MESSAGE_KEYS),
  },
  pino: { input: "object", matches: isPino },
  /** winston, zap, zerolog, slog, logrus, python-json-logger and others: a message with a level or a time. */
  json_line: { input: "object", matches: isJsonLine },
} as const satisfies Readonly<Record<string, JsonLineFormat>>;

/** Name of a format of JSON lines. */
export type JsonLineDialect = keyof typeof JSON_LINE_FORMATS;
