/**
 * The plain mode of flutter_logs: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`.
 * Its time is local and has no time zone, so it is stored as the attribute `log.local_time` and not as the event's time.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { DecodedPayload } from "../delivery.ts";

const LINE = /^\{([^{}]*)\} {2}\{([^{}]*)\} {2}\{([\s\S]*)\} {2}\{([^{}]*)\} {2}\{(INFO|WARNING|ERROR|SEVERE)\}$/;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  SEVERE: "fatal",
};

export const isFlutterText = (text: string): boolean => text.endsWith("}") && LINE.test(text);

/** Requires a text for which {@link isFlutterText} is true. */
export const decodeFlutterText = (text: string): DecodedPayload => {
  const [, tag, subTag, message, localTime, level = ""] = LINE.exec(text) ?? [];
  const value = {
    severity: SEVERITIES[level],
    body: message,
    attributes: { "log.tag": tag, "log.subtag": subTag, "log.local_time": localTime },
  };
  return { dialect: "flutter_text", events: [{ ok: true, value }] };
};
