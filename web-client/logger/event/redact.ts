/**
 * Takes secrets out of what is logged, before it is queued or written anywhere. It knows names and shapes of secrets,
 * not secrets: what it does not recognise goes through, so `beforeSend` is there for a page's own.
 */
import { cut } from "./cut.ts";

/** Stands where a secret was. */
export const REDACTED = "[redacted]";

const NAMES = "(?:token|api.?key|authorization|\\bssn|\\bcvv|passwd|password|passphrase|secret|credential|cookie)s?";
/** Whether an attribute is a secret by its name, whatever its value. */
export const SECRET_NAME = new RegExp(`${NAMES}$`, "i");

/** `name=value` and `name: value` with such a name, bearer and basic credentials, JSON Web Tokens. */
const SECRET_TEXT = new RegExp(
  `(${NAMES}["']?\\s*[=:]\\s*["']?)(?:\\w+ +)?[^\\s"'&,;]+|\\b(?:bearer|basic) +[^\\s"']{16,}|eyJ[\\w-]{8,}\\.[\\w.-]+`,
  "gi",
);

/** None of the secrets' shapes is without one of these, and most values are: they are spared the search. */
const SEPARATOR = /[=: .]/;

/** At most `maxLength` of a text, without the secrets in it. */
export const redact = (text: string, maxLength: number): string => {
  const start = text.slice(0, maxLength + 1); // one more than may stay shows that something was cut
  return cut(
    SEPARATOR.test(start) ? start.replace(SECRET_TEXT, (_all, name = "") => name + REDACTED) : start,
    maxLength,
  );
};

/** An address without the values of its query and fragment. */
export const redactUrl = (url: string): string => url.replace(/([?&#][^=&#]*=)[^&#]*/g, `$1${REDACTED}`);
