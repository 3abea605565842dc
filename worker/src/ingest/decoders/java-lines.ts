/**
 * Times and messages of Logback's JsonEncoder and of Log4j's GcpLayout, which have other forms than those of other loggers.
 *
 * Source: https://logback.qos.ch/manual/encoders.html#JsonEncoder
 */
import { toTime } from "#contract/check/to-time.ts";
import type { JsonObject } from "#contract/wire/json-object.ts";

const NANOS_OF_MS = 1_000_000;
const NANOS_OF_SECOND = 1_000_000_000;

/** The time of a second and the nanoseconds in it. `undefined` if they are not a time. */
export const toNanoTime = (second: unknown, nanos: unknown): string | undefined => {
  if (typeof second !== "number" || typeof nanos !== "number") return undefined;
  if (!Number.isInteger(nanos) || nanos < 0 || nanos >= NANOS_OF_SECOND) return undefined;
  const ms = toTime(second);
  return ms === undefined ? undefined : `${new Date(ms).toISOString().slice(0, 19)}.${String(nanos).padStart(9, "0")}Z`;
};

const isLogback = ({ loggerName, level, nanoseconds, formattedMessage, arguments: values }: JsonObject): boolean =>
  typeof loggerName === "string" &&
  typeof level === "string" &&
  (typeof nanoseconds === "number" || typeof formattedMessage === "string" || Array.isArray(values));

/** Replaces each `{}` as SLF4J does. The backslash of `\{}` keeps it. */
const renderArguments = (template: string, values: readonly unknown[]): string => {
  let next = 0;
  return template.replaceAll(/(\\{0,2})\{\}/g, (hole, slashes: string) => {
    if (slashes === "\\") return "{}";
    if (next >= values.length) return hole;
    const value = values[next];
    next += 1;
    return `${slashes.slice(1)}${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
};

const isFilledText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** The members of a line, with one time that has all its digits, and without the message that {@link javaMessageOf} returns. */
export const toJavaMembers = (line: JsonObject): Map<string, unknown> => {
  const members = new Map(Object.entries(line));
  const { timestamp, nanoseconds, timestampSeconds, timestampNanos } = line;
  if (isLogback(line)) {
    if (isFilledText(line["formattedMessage"])) members.delete("formattedMessage");
    const isPart = typeof timestamp === "number" && typeof nanoseconds === "number";
    if (isPart && Math.trunc(nanoseconds / NANOS_OF_MS) === timestamp % 1_000) {
      const time = toNanoTime(Math.trunc(timestamp / 1_000), nanoseconds);
      if (time !== undefined) members.set("timestamp", time).delete("nanoseconds");
    }
  }
  const time = timestamp === undefined ? toNanoTime(timestampSeconds, timestampNanos) : undefined;
  if (time !== undefined) {
    members.delete("timestampSeconds");
    members.delete("timestampNanos");
    members.set("timestamp", time);
  }
  return members;
};

/** The message that Logback has formatted. Its template stays an attribute. */
export const javaMessageOf = (line: JsonObject): string | undefined =>
  isLogback(line) && isFilledText(line["formattedMessage"]) ? line["formattedMessage"] : undefined;

/** The template of a message of Logback with its arguments. Any other message stays as it is. */
export const renderJavaMessage = (line: JsonObject, message: string | undefined): string | undefined => {
  const values = line["arguments"];
  const isTemplate = message !== undefined && message === line["message"] && isLogback(line);
  return isTemplate && Array.isArray(values) ? renderArguments(message, values) : message;
};
