import { REDACTED } from "../logger/event/redact.ts";

/**
 * A URL, or a text that begins with `//`, with user, password, query and fragment redacted. Passwords that should have been
 * percent-encoded can contain `/`, `?` and `#`: everything before the last `@` is redacted.
 */
export const withoutSecrets = (url: string): string =>
  url.replace(/^([^/]*\/\/).*@/s, `$1${REDACTED}@`).replace(/([?#]).*/s, `$1${REDACTED}`);
