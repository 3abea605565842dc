/**
 * Syslog, RFC 3164: `<34>Nov 28 20:40:00 host app[7]: text`. Its time has neither a year nor a zone, so it stays an attribute, and
 * the event has the time of arrival. A time of RFC 3339 in its place is the time of the event.
 */
import { SYSLOG_BSD_PATTERN } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap } from "./field-map.ts";
import { syslogSeverity } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

/** Requires a line that matches {@link SYSLOG_BSD_PATTERN}. */
export const decodeSyslogBsd = (text: string): RawEvent => {
  const [, priority, timestamp, host, app, processId, body = ""] = SYSLOG_BSD_PATTERN.exec(text.trim()) ?? [];
  const time = toTime(timestamp);
  const [attributes, resource] = [new FieldMap(), new FieldMap()];
  attributes.add("syslog.facility.code", Math.floor(Number(priority) / 8));
  attributes.add("process.pid", processId);
  if (time === undefined) attributes.add("syslog.timestamp", timestamp);
  resource.add("host.name", host);
  resource.add("service.name", app);
  const severity = syslogSeverity(Number(priority) % 8);
  return toRawEvent("syslog_bsd", { severity, time, body, attributes: attributes.map, resource: resource.map }, text);
};
