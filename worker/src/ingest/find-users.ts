/**
 * Finds the users named in a rejected payload, so that the payload can be erased with the logs of a user. The payload may be
 * malformed, so this searches its text.
 */
import { Buffer } from "node:buffer";

/** Bounds the document. A batch of one device has one or two users, a valid batch of a server at most 1,000 events. */
const MAX_USERS = 2_000;
const MAX_USER_LENGTH = 256;

/** A string in JSON, or a number. */
const VALUE = String.raw`\s*:\s*(?:("(?:[^"\\]|\\.){1,512}")|(\d{1,20}))`;

const NAME = String.raw`(?:user\.id|user\.email|user_?id|enduser\.id)`;

const FIELD = new RegExp(`"${NAME}"${VALUE}`, "gi");

/** An attribute of OTLP in JSON: `{"key":"user.id","value":{"stringValue":"u-1"}}`. */
const OTLP_FIELD = new RegExp(
  String.raw`"key"\s*:\s*"${NAME}"\s*,\s*"value"\s*:\s*\{\s*"(?:string|int)Value"${VALUE}`,
  "gi",
);

/** An attribute of OTLP in protobuf, with a character for each byte: the key, the length of the value, and a string whose length is less than 128. */
const OTLP_BYTES = new RegExp(String.raw`${NAME}\x12[\x02-\x7f]\n([\x01-\x7f])`, "gi");

/** The object `user`: its members `id` and `email` may be anywhere in it. */
const USER_OBJECT = /"user"\s*:\s*\{([^{}]{0,2000})\}/gi;
const MEMBER = new RegExp(String.raw`"(?:id|email)"${VALUE}`, "gi");

const toUser = (quoted: string | undefined, digits: string | undefined): string | undefined => {
  if (quoted === undefined) return digits;
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
};

/** At most {@link MAX_USERS} different ids. Takes time proportional to the length of the text. */
export const findUsers = (text: string): readonly string[] => {
  const users = new Set<string>();
  const collect = (part: string, pattern: RegExp): void => {
    for (const [, quoted, digits] of part.matchAll(pattern)) {
      if (users.size >= MAX_USERS) return;
      const user = toUser(quoted, digits);
      if (user !== undefined && user.length <= MAX_USER_LENGTH) users.add(user);
    }
  };
  collect(text, FIELD);
  collect(text, OTLP_FIELD);
  for (const [, members = ""] of text.matchAll(USER_OBJECT)) collect(members, MEMBER);
  return [...users];
};

/** At most {@link MAX_USERS} different ids in a request of OTLP in protobuf. */
export const findUsersInBytes = (bytes: Uint8Array): readonly string[] => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const users = new Set<string>();
  for (const match of text.matchAll(OTLP_BYTES)) {
    if (users.size >= MAX_USERS) break;
    const start = match.index + match[0].length;
    const value = text.slice(start, start + (match[1] ?? "").charCodeAt(0));
    users.add(Buffer.from(value, "latin1").toString("utf8"));
  }
  return [...users];
};
