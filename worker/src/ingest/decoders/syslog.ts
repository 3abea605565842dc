/**
 * Syslog, RFC 5424: `<34>1 2026-11-28T20:40:00Z host app 7 id [data@1 key="value"] text`.
 */
import { SYSLOG_PATTERN } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap } from "./field-map.ts";
import { syslogSeverity } from "./severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "./to-time.ts";

/** Section 6.3: elements with an id and parameters. */
const ELEMENT = /\[([^\s\]="]*)((?:[^\]"\\]|"(?:[^"\\]|\\[^\n])*")*)\]/gy;
const PARAMETER = /(?<![^\s\]="])([^\s\]="]+)="((?:[^"\\]|\\[^\n])*)"/g;

const toElements = (data: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...data.matchAll(ELEMENT)].map(([, id = "", parameters = ""]) => [
      id,
      Object.fromEntries(
        // Section 6.3.3: only `"`, `\` and `]` are escaped.
        [...parameters.matchAll(PARAMETER)].map(([, name = "", value = ""]) => [
          name,
          value.replaceAll(/\\(["\\\]])/g, "$1"),
        ]),
      ),
    ]),
  );

/** `-` stands for no value. */
const toField = (text: string | undefined): string | undefined => (text === "-" ? undefined : text);

/** Requires a line that matches {@link SYSLOG_PATTERN}. */
export const decodeSyslog = (text: string): RawEvent => {
  const [, priority, timestamp, host, app, processId, messageId, data, body = ""] =
    SYSLOG_PATTERN.exec(text.trim()) ?? [];
  const time = toTime(timestamp);
  const [attributes, resource] = [new FieldMap(), new FieldMap()];
  attributes.add("syslog.facility.code", Math.floor(Number(priority) / 8));
  attributes.add("process.pid", toField(processId));
  attributes.add("syslog.msg.id", toField(messageId));
  if (time === undefined) attributes.add("syslog.timestamp", toField(timestamp));
  if (data !== undefined && data !== "-") attributes.add("syslog.structured_data", toElements(data));
  resource.add("host.name", toField(host));
  resource.add("service.name", toField(app));
  const severity = syslogSeverity(Number(priority) % 8);
  return toRawEvent("syslog", { severity, time, body, attributes: attributes.map, resource: resource.map }, text);
};
