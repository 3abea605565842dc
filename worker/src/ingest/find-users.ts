/**
 * Finds the users named in a rejected payload, so that the payload can be erased with the logs of a user. The payload may be
 * malformed, so this searches its text.
 */

/** Bounds the document. A batch of one device has one or two users. */
const MAX_USERS = 50;
const MAX_USER_LENGTH = 256;

/** A string in JSON, or a number. */
const VALUE = String.raw`\s*:\s*(?:("(?:[^"\\]|\\.){1,512}")|(\d{1,20}))`;

const FIELD = new RegExp(String.raw`"(?:user\.id|user\.email|user_?id|enduser\.id)"${VALUE}`, "gi");

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
  for (const [, members = ""] of text.matchAll(USER_OBJECT)) collect(members, MEMBER);
  return [...users];
};
