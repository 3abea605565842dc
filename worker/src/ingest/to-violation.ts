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

const suggestEventField = (key: string): string =>
  Object.hasOwn(FIELD_SUGGESTIONS, key)
    ? `Use \`${FIELD_SUGGESTIONS[key]}\` instead.`
    : "Put custom fields under `attributes`.";

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
  array: "an array",
  object: "an object",
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: "an RFC 3339 date and time",
  guid: "a UUID",
  url: "a URL that starts with https:// or http://",
};

/** Uses the schema's message if it starts with "must". Zod's own messages are replaced by a general one. */
const describeBySchema = (field: string, { message }: z.core.$ZodIssue): string =>
  message.startsWith("must ") ? `${field} ${message}.` : `${field} is not valid.`;

const describeTooBig = (field: string, { origin, maximum }: z.core.$ZodIssueTooBig): string => {
  if (origin === "string") return `${field} is longer than ${maximum} UTF-16 code units.`;
  return origin === "array" ? `${field} has more than ${maximum} entries.` : `${field} must be at most ${maximum}.`;
};

const describeTooSmall = (field: string, { origin, minimum }: z.core.$ZodIssueTooSmall): string => {
  if (origin !== "string" && origin !== "array") return `${field} must be at least ${minimum}.`;
  return `${field} must ${Number(minimum) === 1 ? "not be empty" : `have a length of at least ${minimum}`}.`;
};

const describeValues = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;

/** The name of the value, for errors that are not about one of its fields, and the advice for an unknown field. */
export interface Subject {
  readonly name: string;
  readonly adviseUnknown: (key: string) => string;
}

const EVENT: Subject = { name: "The event", adviseUnknown: suggestEventField };

const describe = (
  issue: z.core.$ZodIssue,
  field: string,
  adviseUnknown: Subject["adviseUnknown"],
): Omit<Violation, "field"> => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined && issue.message.includes("received undefined")
        ? { reason: "missing_field", message: `${field} is missing.` }
        : { reason: "invalid_field", message: `${field} must be ${TYPES[issue.expected] ?? issue.expected}.` };
    case "too_big":
      return { reason: "too_long", message: describeTooBig(field, issue), limit: Number(issue.maximum) };
    case "too_small":
      return { reason: "invalid_field", message: describeTooSmall(field, issue), limit: Number(issue.minimum) };
    case "unrecognized_keys":
      return {
        reason: "unknown_field",
        message: `Unknown field ${shorten(issue.keys.join(", "))}. ${adviseUnknown(issue.keys[0] ?? "")}`,
      };
    case "invalid_value":
      return { reason: "invalid_field", message: `${field} must be ${describeValues(issue.values)}.` };
    case "invalid_format": {
      const format = FORMATS[issue.format];
      const message = format === undefined ? describeBySchema(field, issue) : `${field} must be ${format}.`;
      return { reason: "invalid_field", message };
    }
    case "invalid_union":
    case "not_multiple_of":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return { reason: "invalid_field", message: describeBySchema(field, issue) };
  }
};

/** Returns the violation with `field` as the path of the value, e.g. `events[3].body`. */
export const toViolation = (error: z.ZodError, { name, adviseUnknown }: Subject = EVENT): Violation => {
  const [issue] = error.issues;
  if (issue === undefined) return { reason: "invalid_field", message: `${name} is not valid.` };
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const field = shorten(toPath([...issue.path, ...unknownKey]));
  return { ...describe(issue, field === "" ? name : field, adviseUnknown), ...(field === "" ? {} : { field }) };
};
