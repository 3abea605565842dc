/**
 * Redacts secrets before an event is queued or written. It recognises names and formats of secrets, not the secrets
 * themselves: use `beforeSend` for others.
 */

/** Marks the end of a text that was cut. */
export const CUT_MARK = "…[cut]";

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
 * At most `maxLength` UTF-16 code units of a text, with secrets replaced. A longer text ends with a mark (at least the mark
 * alone), and not inside a character.
 */
export const redact = (text: string, maxLength: number): string => {
  const redacted = text
    .slice(0, maxLength)
    .replace(SECRET_TEXT, `$1${REDACTED}`)
    // A JSON Web Token, or only its first part. The rest is optional, because a search that needs it would take quadratic time for
    // a text that repeats the first part.
    .replace(/eyJ[\w-]{8,}(\.[\w.-]+)?/g, (all, rest) => (rest ? REDACTED : all));
  return text.length > maxLength || redacted.length > maxLength
    ? redacted.slice(0, Math.max(0, maxLength - CUT_MARK.length)).replace(/\p{Cs}$/u, "") + CUT_MARK
    : redacted;
};

/**
 * A URL with its user name, its password and the values of its query and fragment redacted. Each name ends at the next `?`, which
 * keeps the time linear.
 */
export const redactUrl = (url: string): string =>
  url.replace(/^(\w[\w+.-]*:\/\/)[^/?#]*@/, `$1${REDACTED}@`).replace(/([?&#][^=?&#]*=)[^&#]*/g, `$1${REDACTED}`);
