/**
 * The plain mode of flutter_logs: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`.
 * Its time is local and has no time zone, so it is stored as the attribute `log.local_time` and not as the event's time.
 */
import { FLUTTER_TEXT_PATTERN } from "#contract/wire/dialect.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { DecodedPayload } from "../delivery.ts";

const SEVERITIES: Readonly<Record<string, Severity>> = {
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  SEVERE: "fatal",
};

/** Requires a text that matches {@link FLUTTER_TEXT_PATTERN}. */
export const decodeFlutterText = (text: string): DecodedPayload => {
  const [, tag, subTag, message, localTime, level = ""] = FLUTTER_TEXT_PATTERN.exec(text.trim()) ?? [];
  const value = {
    severity: SEVERITIES[level],
    body: message,
    attributes: { "log.tag": tag, "log.subtag": subTag, "log.local_time": localTime },
  };
  return { dialect: "flutter_text", events: [{ ok: true, value }] };
};
