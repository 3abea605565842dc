/**
 * Syslog, RFC 5424: `<34>1 2026-11-28T20:40:00Z host app 7 id [data@1 key="value"] text`.
 */
import { SYSLOG_PATTERN } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap } from "./field-map.ts";
import { syslogSeverity } from "#contract/wire/severity-names.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

/** Section 6.3: elements with an id and parameters. */
const ELEMENT = /\[([^\s\]="]*)((?:[^\]"\\]|"(?:[^"\\]|\\[^\n])*")*)\]/gy;
const PARAMETER = /(?<![^\s\]="])([^\s\]="]+)="((?:[^"\\]|\\[^\n])*)"/g;

/** Section 6.3.3: only `"`, `\` and `]` are escaped. */
const unescape = (value: string): string => value.replaceAll(/\\(["\\\]])/g, "$1");

/** A parameter that is repeated becomes the list of its values. */
const toElements = (data: string): Readonly<Record<string, unknown>> => {
  const elements = new Map<string, Map<string, string[]>>();
  for (const [, id = "", parameters = ""] of data.matchAll(ELEMENT)) {
    const element = elements.get(id) ?? new Map<string, string[]>();
    elements.set(id, element);
    for (const [, name = "", value = ""] of parameters.matchAll(PARAMETER)) {
      const values = element.get(name);
      if (values === undefined) element.set(name, [unescape(value)]);
      else values.push(unescape(value));
    }
  }
  const toFields = (element: ReadonlyMap<string, readonly string[]>): Readonly<Record<string, unknown>> =>
    Object.fromEntries([...element].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
  return Object.fromEntries([...elements].map(([id, element]) => [id, toFields(element)]));
};

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
