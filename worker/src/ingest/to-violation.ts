/**
 * Converts the first issue of a Zod error to a {@link Violation}.
 */
import type * as z from "zod";
import type { Violation } from "#contract/wire/violation.ts";
import { shorten } from "#contract/wire/shorten.ts";

const toPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );

/** Common field names of other log formats, and the event field to use instead. */
const FIELD_SUGGESTIONS: Readonly<Record<string, string>> = {
  "@timestamp": "time",
  timestamp: "time",
  ts: "time",
  level: "severity",
  message: "body",
  msg: "body",
};

const suggestFor = (key: string): string =>
  Object.hasOwn(FIELD_SUGGESTIONS, key)
    ? `Use \`${FIELD_SUGGESTIONS[key]}\` instead.`
    : "Put custom fields under `attributes`.";

const describe = (issue: z.core.$ZodIssue, field: string): Omit<Violation, "field"> => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined && issue.message.includes("received undefined")
        ? { reason: "missing_field", message: `${field} is missing.` }
        : { reason: "invalid_field", message: `${field} must be of type ${issue.expected}.` };
    case "too_big":
      return {
        reason: "too_long",
        message: `${field} is longer than ${issue.maximum}${issue.origin === "string" ? " UTF-16 code units" : ""}.`,
        limit: Number(issue.maximum),
      };
    case "too_small":
      return { reason: "invalid_field", message: `${field} is below ${issue.minimum}.`, limit: Number(issue.minimum) };
    case "unrecognized_keys":
      return {
        reason: "unknown_field",
        message: `Unknown field ${shorten(issue.keys.join(", "))}. ${suggestFor(issue.keys[0] ?? "")}`,
      };
    case "invalid_value":
      return { reason: "invalid_field", message: `${field} must be one of ${issue.values.join(", ")}.` };
    case "invalid_format":
      return { reason: "invalid_field", message: `${field} is not a valid ${issue.format}.` };
    case "invalid_union":
      return {
        reason: "invalid_field",
        message: `${field} must be milliseconds since 1970 or an RFC 3339 date and time.`,
      };
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return { reason: "invalid_field", message: `${field}: ${issue.message}.` };
  }
};

/** Returns the violation with `field` as the path of the value, e.g. `events[3].body`. */
export const toViolation = (error: z.ZodError): Violation => {
  const [issue] = error.issues;
  if (issue === undefined) return { reason: "invalid_field", message: "The event is not valid." };
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const field = shorten(toPath([...issue.path, ...unknownKey]));
  return { ...describe(issue, field === "" ? "the event" : field), ...(field === "" ? {} : { field }) };
};
