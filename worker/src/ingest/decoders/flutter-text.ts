/**
 * flutter_logs' plain mode: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`.
 * Its time is the device's local one without a zone, so it is kept as text and does not become the event's time.
 */
import type { Severity } from "#contract/wire/severity.ts";
import type { DecodedPayload } from "../payload.ts";

const LINE = /^\{([^{}]*)\} {2}\{([^{}]*)\} {2}\{([\s\S]*)\} {2}\{([^{}]*)\} {2}\{(INFO|WARNING|ERROR|SEVERE)\}$/;

const SEVERITY_OF: Readonly<Record<string, Severity>> = {
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  SEVERE: "fatal",
};

export const isFlutterText = (text: string): boolean => text.endsWith("}") && LINE.test(text);

/** Expects what {@link isFlutterText} approved. */
export const decodeFlutterText = (text: string): DecodedPayload => {
  const [, tag, subTag, message, localTime, level = ""] = LINE.exec(text) ?? [];
  const value = {
    severity: SEVERITY_OF[level],
    body: message,
    attributes: { "log.tag": tag, "log.subtag": subTag, "log.local_time": localTime },
  };
  return { dialect: "flutter_text", events: [{ ok: true, value }] };
};
