/**
 * The tables of lines of loggers whose message is not named `message` or `msg`. The other keys are those of any line.
 */
import { findRenamedFormat, type RenamedFormat } from "#contract/wire/json-line-formats.ts";
import type { JsonObject } from "#contract/wire/json-object.ts";
import { JSON_LINE_FIELDS, type JsonLineFields } from "./json-line-fields.ts";

const OTHERS = JSON_LINE_FIELDS.json_line;

const TABLES: Readonly<Record<RenamedFormat, JsonLineFields>> = {
  at: {
    ...OTHERS,
    time: ["@timestamp", ...OTHERS.time],
    level: ["@level", ...OTHERS.level],
    message: ["@message"],
    position: ["@caller", ...(OTHERS.position ?? [])],
    attributes: { "@module": "log.logger", ...OTHERS.attributes },
  },
  dotnet: {
    ...OTHERS,
    time: ["Timestamp", ...OTHERS.time],
    level: ["LogLevel", "Level", ...OTHERS.level],
    message: ["RenderedMessage", "Message", "MessageTemplate"],
    exception: ["Exception", ...(OTHERS.exception ?? [])],
    attributes: { Category: "log.logger", ...OTHERS.attributes },
  },
  zap: {
    ...OTHERS,
    time: ["T", ...OTHERS.time],
    level: ["L", ...OTHERS.level],
    message: ["M"],
    exception: ["S", ...(OTHERS.exception ?? [])],
    position: ["C"],
    attributes: { N: "log.logger", ...OTHERS.attributes },
  },
  eliot: { ...OTHERS, time: ["timestamp", ...OTHERS.time], message: ["message_type", "action_type"] },
};

/** The table of a line without a more specific shape. */
export const toJsonLineFields = (line: JsonObject): JsonLineFields => {
  const format = findRenamedFormat(line);
  return format === undefined ? OTHERS : TABLES[format];
};
