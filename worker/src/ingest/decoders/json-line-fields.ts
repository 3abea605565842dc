/**
 * The fields of the JSON lines of common loggers: where time, level, message, exception, trace and sender are, and the names that
 * their other fields have in OpenTelemetry. A field that is not listed stays an attribute under its own name.
 */
import type { JsonLineDialect } from "#contract/wire/json-line-formats.ts";

/** The meaning of numeric levels. */
export type LevelScale = "pino" | "syslog" | "otel";

/** Keys whose numbers have a scale in all formats: fields of the journal, and of shippers of OpenTelemetry. */
export const SCALE_OF_KEY: Readonly<Record<string, LevelScale>> = {
  PRIORITY: "syslog",
  severity_number: "otel",
  severityNumber: "otel",
  SeverityNumber: "otel",
  "otel.log.severity.number": "otel",
};

/** Keys of levels of shippers of OpenTelemetry, the numbers first. */
export const OTEL_LEVEL_KEYS = [
  "severity_number",
  "severityNumber",
  "SeverityNumber",
  "otel.log.severity.number",
  "severity_text",
  "severityText",
  "SeverityText",
  "otel.log.severity.text",
] as const;

export interface JsonLineFields {
  /** Keys of the time. The first one with a readable time is used. */
  readonly time: readonly string[];
  /** Keys of the level. The first one with a known level is used. */
  readonly level: readonly string[];
  /** Default: only names of levels are known. */
  readonly scale?: LevelScale;
  /** Keys of the message. The first one that is present is used. */
  readonly message: readonly string[];
  /** Whether the message can be a list of bytes. Default: a list stays a list. */
  readonly hasByteMessage?: boolean;
  /** Keys of a text that is the message of a line without the keys of `message`. */
  readonly otherMessage?: readonly string[];
  /** Keys of an exception: an object, or the text of a stack trace. */
  readonly exception?: readonly string[];
  /** Keys of the message of an exception. */
  readonly error?: readonly string[];
  /** Keys of a position in the source code: `file.go:42`, or an object with `function`, `file` and `line`. */
  readonly position?: readonly string[];
  /** Attribute name for each key. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Resource attribute name for each key. */
  readonly resource?: Readonly<Record<string, string>>;
  /** Keys whose values get a name before those of other keys with the same name. Default: the first one in the line gets it. */
  readonly first?: readonly string[];
}

/** Keys of times of logs, for example of Fluent Bit, with which applications also name other times. */
export const DOUBTFUL_TIME_KEYS: ReadonlySet<string> = new Set(["date", "datetime"]);

/** Keys of the message of lines and documents without a more specific shape, for example of structlog, Fluent Bit and Filebeat. */
export const OTHER_MESSAGE_KEYS = ["log", "MESSAGE", "body", "text", "short_message", "event", "line"] as const;

const PROCESS = { pid: "process.pid" };
const HOST = { hostname: "host.name" };
const SERVICE = { service: "service.name", "service.name": "service.name", service_name: "service.name" };

const ROWS: Readonly<Record<JsonLineDialect, JsonLineFields>> = {
  clef: {
    time: ["@t"],
    level: ["@l"],
    message: ["@m", "@mt"],
    exception: ["@x"],
    attributes: { SourceContext: "log.logger", ThreadName: "thread.name", ThreadId: "thread.id" },
    resource: { MachineName: "host.name", Application: "service.name", ...SERVICE },
  },
  logstash: {
    time: ["@timestamp"],
    level: ["level"],
    message: ["message"],
    exception: ["stack_trace"],
    attributes: { logger_name: "log.logger", thread_name: "thread.name" },
    resource: { HOSTNAME: "host.name", source_host: "host.name", ...SERVICE },
  },
  gelf: {
    time: ["timestamp"],
    level: ["level"],
    scale: "syslog",
    message: ["short_message"],
    exception: ["stack_trace", "error_stack_trace"],
    attributes: {
      logger: "log.logger",
      logger_name: "log.logger",
      log_logger: "log.logger",
      thread: "thread.name",
      thread_name: "thread.name",
      process_thread_name: "thread.name",
      process_pid: "process.pid",
      error_type: "exception.type",
      error_message: "exception.message",
    },
    resource: { host: "host.name", service_version: "service.version", ...SERVICE },
  },
  docker: { time: ["time"], level: [], message: ["log"], attributes: { stream: "log.iostream" } },
  journald: {
    time: ["_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "@timestamp", "timestamp", "time", "date"],
    level: ["PRIORITY"],
    scale: "syslog",
    message: ["MESSAGE"],
    hasByteMessage: true,
    attributes: {
      CODE_FILE: "code.file.path",
      CODE_LINE: "code.line.number",
      CODE_FUNC: "code.function.name",
      SYSLOG_IDENTIFIER: "log.tag",
      _PID: "process.pid",
    },
    resource: { _HOSTNAME: "host.name" },
  },
  log4j: {
    time: ["instant", "timeMillis"],
    level: ["level"],
    message: ["message"],
    exception: ["thrown"],
    position: ["source"],
    attributes: { loggerName: "log.logger", thread: "thread.name", threadId: "thread.id" },
    resource: SERVICE,
  },
  tracing: {
    time: ["timestamp"],
    level: ["level"],
    message: ["message"],
    exception: ["err"],
    error: ["error"],
    attributes: {
      target: "log.logger",
      filename: "code.file.path",
      line_number: "code.line.number",
      threadName: "thread.name",
      threadId: "thread.id",
    },
    resource: SERVICE,
  },
  loguru: {
    time: ["time"],
    level: ["level"],
    message: ["message"],
    exception: ["exception"],
    attributes: {
      name: "log.logger",
      function: "code.function.name",
      "file.path": "code.file.path",
      line: "code.line.number",
      "process.id": "process.pid",
    },
    resource: SERVICE,
  },
  bunyan: {
    time: ["time"],
    level: ["level"],
    scale: "pino",
    message: ["msg", "message"],
    exception: ["err"],
    attributes: { name: "log.logger", ...PROCESS },
    resource: { ...HOST, ...SERVICE },
  },
  pino: {
    time: ["time", "timestamp", "ts", "@timestamp"],
    level: ["level"],
    scale: "pino",
    message: ["msg", "message"],
    exception: ["err"],
    attributes: { name: "log.logger", ...PROCESS },
    resource: { ...HOST, ...SERVICE },
  },
  json_line: {
    time: ["time", "timestamp", "ts", "@timestamp", "asctime", "date", "datetime"],
    level: ["level", "severity", "levelname", "lvl", "loglevel", "PRIORITY", ...OTEL_LEVEL_KEYS],
    message: ["message", "msg"],
    otherMessage: OTHER_MESSAGE_KEYS,
    exception: [
      "err",
      "exception",
      "_exception",
      "exc_info",
      "throwable",
      "stack",
      "stacktrace",
      "stack_trace",
      "stackTrace",
    ],
    error: ["error"],
    position: ["caller", "source", "file", "logging.googleapis.com/sourceLocation"],
    attributes: {
      logger: "log.logger",
      logger_name: "log.logger",
      loggerName: "log.logger",
      _logger: "log.logger",
      name: "log.logger",
      thread: "thread.name",
      threadName: "thread.name",
      thread_name: "thread.name",
      _thread: "thread.name",
      threadId: "thread.id",
      func: "code.function.name",
      function: "code.function.name",
      funcName: "code.function.name",
      func_name: "code.function.name",
      pathname: "code.file.path",
      lineno: "code.line.number",
      processId: "process.pid",
      ...PROCESS,
    },
    resource: { ...HOST, hostName: "host.name", ...SERVICE },
  },
};

/** Adds the keys of `others` after the row's own. The time and the message have only the row's own keys. */
const withOthers = (row: JsonLineFields, others: JsonLineFields): JsonLineFields => ({
  ...others,
  ...row,
  level: [...row.level, ...others.level],
  exception: [...(row.exception ?? []), ...(others.exception ?? [])],
  attributes: { ...others.attributes, ...row.attributes },
  resource: { ...others.resource, ...row.resource },
  first: [row.exception ?? [], Object.keys(row.attributes ?? {}), Object.keys(row.resource ?? {})].flat(),
});

/** Logstash adds `@timestamp` and `@version` to the lines of any logger: their other keys are those of lines without a more specific shape. */
export const JSON_LINE_FIELDS: typeof ROWS = { ...ROWS, logstash: withOthers(ROWS.logstash, ROWS.json_line) };
