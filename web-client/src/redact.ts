/**
 * Takes secrets out of what is logged, before it is queued or written anywhere. It knows names and shapes of secrets,
 * not secrets: what it does not recognise goes through, so `beforeSend` is there for a page's own.
 */

/** Stands where a secret was. */
export const REDACTED = "[redacted]";

const NAMES = "pass(?:word|wd|phrase)|secret|credential|token|api[-_.]?key|authorization|cookie|\\bcvv|\\bssn";
const SECRET_NAME = new RegExp(`(?:${NAMES})s?$`, "i");

/** `name=value` and `name: value` with such a name, bearer and basic credentials, JSON Web Tokens. */
const SECRET_TEXT = new RegExp(
  `((?:${NAMES})["']?\\s*[=:]\\s*["']?(?:bearer |basic )?|\\b(?:bearer|basic) +(?=[^\\s"']{16}))[^\\s"'&,;]+|eyJ[\\w-]{8,}\\.[\\w-]+\\.[\\w-]*`,
  "gi",
);

/** Whether an attribute of this name is a secret, whatever its value. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** `text` without the secrets in it. */
export const redact = (text: string): string =>
  text.replace(SECRET_TEXT, (_all, name: string | undefined) => (name ?? "") + REDACTED);

/** An address without the values of its query and fragment. */
export const redactUrl = (url: string): string => url.replace(/([?&#][^=&#]*=)[^&#]*/g, `$1${REDACTED}`);
