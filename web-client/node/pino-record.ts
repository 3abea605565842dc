/**
 * The event of a line that pino writes. Values that are logged can have any name and replace pino's own members in the parsed line, so
 * level and time are read from the beginning of the line.
 */
import { hostname as hostName } from "node:os";
import type { Attributes } from "#contract/wire/attributes.ts";
import { isObject } from "#contract/wire/json-object.ts";
import { DEFAULT_SEVERITY, type Severity } from "#contract/wire/severity.ts";
import { pinoSeverity, severityOfName } from "#contract/wire/severity-names.ts";
import { toEventTime, withEventFields } from "./event-fields.ts";
import { parseLine } from "./parse-line.ts";

/** The options of pino that it sends to its transports. */
export interface PinoConfig {
  readonly levels?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly values: Readonly<Record<string, number>>;
  };
  readonly messageKey?: string;
  readonly errorKey?: string;
}

/** The arguments of a log call. */
export interface PinoEvent {
  readonly severity: Severity;
  /** `undefined` for a line without a message. */
  readonly body: unknown;
  readonly attributes: Attributes;
}

/** Names of level and time: pino's, and common ones of `formatters.level` and `timestamp`. */
const LEVEL_KEYS = ["level", "severity"] as const;
const TIME_KEYS = ["time", "timestamp", "ts", "@timestamp"] as const;
const MESSAGE_KEYS = ["msg", "message"] as const;
const ERROR_KEY = "err";

const VALUE = String.raw`(?:[\d.]+|"[^"\\]*")`;
/** Level and time, which pino writes first. */
const HEAD = new RegExp(`^\\{"[^"\\\\]*":${VALUE}(?:,"[^"\\\\]*":${VALUE})?(?=[,}])`);

const headOf = (line: string): Attributes => {
  const [head] = HEAD.exec(line) ?? [];
  return head === undefined ? {} : (parseLine(`${head}}`) as Attributes);
};

/** The first member that `convert` accepts, and the attributes without it. A value of the same name that was logged stays. */
const take = <Value>(
  head: Attributes,
  attributes: Attributes,
  keys: readonly string[],
  convert: (value: unknown) => Value | undefined,
): readonly [Value | undefined, Attributes] => {
  for (const members of [head, attributes]) {
    for (const key of keys) {
      const value = Object.hasOwn(members, key) ? convert(members[key]) : undefined;
      if (value === undefined) continue;
      const { [key]: logged, ...rest } = attributes;
      return [value, logged === members[key] ? rest : attributes];
    }
  }
  return [undefined, attributes];
};

interface Level {
  readonly severity: Severity;
  /** Absent if the level has only a number. */
  readonly name: string | undefined;
}

const ownValue = <Value>(map: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined =>
  map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;

const toLevel = (level: unknown, levels: PinoConfig["levels"]): Level | undefined => {
  if (typeof level !== "number" && typeof level !== "string") return undefined;
  const sent = String(level);
  const isNumber = /^\d+$/.test(sent);
  const name = isNumber ? ownValue(levels?.labels, sent) : sent;
  const number = isNumber ? Number(sent) : ownValue(levels?.values, sent);
  // With `useOnlyCustomLevels` the numbers can be those of syslog, for example.
  const isPinoScale = levels === undefined || levels.labels["30"] === "info";
  const byNumber = number === undefined ? undefined : pinoSeverity(number);
  const severity = isPinoScale ? (byNumber ?? severityOfName(name)) : (severityOfName(name) ?? byNumber);
  return severity && { severity, name };
};

/** An error as pino's serializer writes it. */
const toException = (key: string, value: unknown): Attributes => {
  if (!isObject(value)) return value === undefined ? {} : { [key]: value };
  const { type, message, stack, ...more } = value;
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

/** Attributes of the process, unless they are those of this process, which each batch contains. */
const toProcess = (pid: unknown, hostname: unknown): Attributes => ({
  "process.pid": pid === process.pid ? undefined : pid,
  "host.name": hostname === hostName() ? undefined : hostname,
});

/** @param record The parsed line. */
export const toPinoEvent = (line: string, record: Attributes, config: PinoConfig): PinoEvent => {
  const head = headOf(line);
  const [level, withoutLevel] = take(head, record, LEVEL_KEYS, (value) => toLevel(value, config.levels));
  const { severity, name: levelName } = level ?? { severity: DEFAULT_SEVERITY, name: undefined };
  const [time, withoutTime] = take(head, withoutLevel, TIME_KEYS, toEventTime);
  const messageKeys = [config.messageKey ?? "msg", ...MESSAGE_KEYS];
  const [message, withoutMessage] = take({}, withoutTime, messageKeys, (value) => value ?? undefined);
  const errorKey = [config.errorKey ?? ERROR_KEY, ERROR_KEY].find((key) => Object.hasOwn(withoutMessage, key));
  const { [errorKey ?? ERROR_KEY]: error, pid, hostname, name, ...rest } = withoutMessage;
  const exception = toException(errorKey ?? ERROR_KEY, error);
  const attributes = withEventFields(
    compact({
      // A name other than the severity's, such as that of a custom level.
      level: levelName?.toLowerCase() === severity ? undefined : levelName,
      ...toProcess(pid, hostname),
      ...rest,
      [typeof name === "string" ? "log.logger" : "name"]: name,
      ...exception,
    }),
    time,
  );
  return {
    severity,
    body: message ?? exception["exception.message"] ?? (Object.keys(attributes).length > 0 ? undefined : ""),
    attributes,
  };
};
