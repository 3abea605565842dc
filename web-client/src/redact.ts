/**
 * Takes secrets out of what is logged, before it is queued or written anywhere. It knows names and shapes of secrets,
 * not secrets: what it does not recognise goes through, so `beforeSend` is there for a page's own.
 */
import { cut } from "./cut.ts";

/** Stands where a secret was. */
export const REDACTED = "[redacted]";

const NAMES = "(?:pass(?:w(?:or)?d|phrase)|secret|credential|token|api.?key|authorization|cookie|\\bcvv|\\bssn)s?";
/** Whether an attribute is a secret by its name, whatever its value. */
export const SECRET_NAME = new RegExp(`${NAMES}$`, "i");

/** `name=value` and `name: value` with such a name, bearer and basic credentials, JSON Web Tokens. */
const SECRET_TEXT = new RegExp(
  `(${NAMES}["']?\\s*[=:]\\s*["']?)(?:\\w+ +)?[^\\s"'&,;]+|\\b(?:bearer|basic) +[^\\s"']{16,}|eyJ[\\w-]{8,}\\.[\\w.-]+`,
  "gi",
);

/** At most `maxLength` of a text, without the secrets in it. */
export const redact = (text: string, maxLength: number): string =>
  // One more than may stay shows that something was cut.
  cut(
    text.slice(0, maxLength + 1).replace(SECRET_TEXT, (_all, name = "") => name + REDACTED),
    maxLength,
  );

/** An address without the values of its query and fragment. */
export const redactUrl = (url: string): string => url.replace(/([?&#][^=&#]*=)[^&#]*/g, `$1${REDACTED}`);
