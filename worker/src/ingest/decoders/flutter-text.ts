/**
 * The plain mode of flutter_logs: `{tag}  {subTag}  {message}  {05 June 2022 05:04:35 PM}  {INFO}`.
 * Its time is local and has no time zone, so it is stored as the attribute `log.local_time` and not as the event's time.
 */
import { FLUTTER_TEXT_PATTERN } from "#contract/wire/dialect.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap } from "./field-map.ts";
import { severityOfName } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";

/** Requires a text that matches {@link FLUTTER_TEXT_PATTERN}. */
export const decodeFlutterText = (text: string): RawEvent => {
  const [, tag, subTag, message = text, localTime, level] = FLUTTER_TEXT_PATTERN.exec(text.trim()) ?? [];
  const attributes = new FieldMap();
  attributes.add("log.tag", tag);
  attributes.add("log.subtag", subTag);
  attributes.add("log.local_time", localTime);
  // SEVERE of flutter_logs is above ERROR, unlike that of Java.
  const severity = level === "SEVERE" ? "fatal" : severityOfName(level);
  return toRawEvent("flutter_text", { severity, body: message, attributes: attributes.map }, text);
};
