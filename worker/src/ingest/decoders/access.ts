/**
 * Lines of access logs of nginx and Apache, in the common or the combined format. The line is the body; its severity is `info`,
 * whatever the status is.
 *
 * Source: https://httpd.apache.org/docs/2.4/logs.html#accesslog
 */
import { ACCESS_PATTERN } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { FieldMap } from "./field-map.ts";
import { toRawEvent } from "./to-raw-event.ts";
import { toTime } from "#contract/check/to-time.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `28/Nov/2026:20:40:00 +0000` as RFC 3339. */
const toRfc3339 = (text: string): string => {
  const [, day, name = "", year, time, offset] = /^(\d\d)\/(\w{3})\/(\d{4}):(\S+) (\S+)$/.exec(text) ?? [];
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, "0");
  return `${year}-${month}-${day}T${time}${offset}`;
};

/** `-` stands for no value. */
const toField = (text: string | undefined): string | undefined => (text === "-" ? undefined : text);

/** Requires a line that matches {@link ACCESS_PATTERN}. */
export const decodeAccess = (text: string): RawEvent => {
  const line = text.trim();
  const [, client, , user, timestamp = "", request = "", status, bytes, referrer, userAgent, rest = ""] =
    ACCESS_PATTERN.exec(line) ?? [];
  const [, method, target, version] = /^([A-Z]{1,32}) (\S+)(?: HTTP\/(\S+))?$/.exec(request) ?? [];
  const time = toTime(toRfc3339(timestamp));
  const attributes = new FieldMap();
  attributes.add("client.address", toField(client));
  attributes.add("user.name", toField(user));
  attributes.add("http.request.method", method);
  attributes.add("url.original", target);
  attributes.add("network.protocol.version", version);
  attributes.add("http.response.status_code", Number(status));
  if (bytes !== "-") attributes.add("http.response.body.size", Number(bytes));
  attributes.add("http.request.header.referer", toField(referrer));
  attributes.add("user_agent.original", toField(userAgent));
  attributes.add("access.rest", rest.trim());
  if (time === undefined) attributes.add("access.timestamp", timestamp);
  return toRawEvent("access", { severity: undefined, time, body: line, attributes: attributes.map }, text);
};
