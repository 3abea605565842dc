/**
 * Redacts secrets before an event is queued or written. It recognises names and formats of secrets, not the secrets
 * themselves: use `beforeSend` for others.
 */
import { cut } from "./cut.ts";

/** Replaces a secret. */
export const REDACTED = "[redacted]";

const NAMES = "(?:token|api.?key|authorization|\\bssn|\\bcvv|passwd|password|passphrase|secret|credential|cookie)s?";
/** Matches names of attributes whose values are always redacted. */
export const SECRET_NAME = new RegExp(`${NAMES}$`, "i");

/** `name=value` and `name: value` with such a name, bearer and basic credentials. */
const SECRET_TEXT = new RegExp(
  `(${NAMES}["']?\\s*[=:]\\s*["']?)(?:\\w+ +)?[^\\s"'&,;]+|\\b(?:bearer|basic) +[^\\s"']{16,}`,
  "gi",
);

/**
 * A JSON Web Token, or only its first part. The rest is optional, because a search that needs it would take quadratic time for
 * a text that repeats the first part.
 */
const TOKEN = /eyJ[\w-]{8,}(\.[\w.-]+)?/g;

/** Each of these formats contains one of these characters. Texts without one, the majority, need no search. */
const SEPARATOR = /[=: .]/;

/** At most `maxLength` UTF-16 code units of a text, with secrets replaced. */
export const redact = (text: string, maxLength: number): string => {
  const start = text.slice(0, maxLength + 1); // one more, so that `cut` marks the text as cut
  const redacted = SEPARATOR.test(start)
    ? start.replace(SECRET_TEXT, `$1${REDACTED}`).replace(TOKEN, (all, rest) => (rest ? REDACTED : all))
    : start;
  return cut(redacted, maxLength);
};

/** A URL with the values of its query and fragment redacted. Each name ends at the next `?`, which keeps the time linear. */
export const redactUrl = (url: string): string => url.replace(/([?&#][^=?&#]*=)[^&#]*/g, `$1${REDACTED}`);
