/**
 * Reports of browsers: the Reporting API (`application/reports+json`) and reports of a Content Security Policy
 * (`application/csp-report`).
 *
 * Sources: https://www.w3.org/TR/reporting-1/#media-type, https://www.w3.org/TR/CSP3/#deprecated-serialize-violation
 */
import { decodeText } from "#contract/check/decode-text.ts";
import { parseJson } from "#contract/check/parse-json.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { RawEvent } from "../delivery.ts";
import { notOfProtocol, toValueUnits, type IntakeDecoder } from "./intake.ts";
import { FieldMap } from "./field-map.ts";
import { toRawEvent } from "./to-raw-event.ts";

const CSP_REPORT = "csp-report";

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** A sentence about a report. The members of `application/csp-report` have hyphens. */
const toBody = (type: string, body: JsonObject): string => {
  const directive =
    textOf(body["effectiveDirective"]) ?? textOf(body["effective-directive"]) ?? textOf(body["violated-directive"]);
  const blocked = textOf(body["blockedURL"]) ?? textOf(body["blocked-uri"]);
  const detail = textOf(body["message"]) ?? [directive, blocked].filter((each) => each !== undefined).join(" blocked ");
  const reason = detail === "" ? (textOf(body["reason"]) ?? textOf(body["type"])) : detail;
  return reason === undefined ? type : `${type}: ${reason}`;
};

const decodeReport = (report: JsonObject): RawEvent => {
  const isCsp = isObject(report[CSP_REPORT]);
  const {
    type,
    url,
    user_agent: userAgent,
    body,
    age,
    ...others
  } = isCsp
    ? { type: "csp-violation", url: (report[CSP_REPORT] as JsonObject)["document-uri"], body: report[CSP_REPORT] }
    : report;
  const content = isObject(body) ? body : {};
  const attributes = new FieldMap();
  const name = textOf(type) ?? "report";
  attributes.add("report.type", name);
  attributes.add("url.full", url);
  attributes.add("user_agent.original", userAgent);
  // Milliseconds between the report and the request.
  attributes.add("report.age", age);
  for (const [key, value] of Object.entries(content)) attributes.keep(`report.${key}`, value, `report.body.${key}`);
  for (const [key, value] of Object.entries(others)) attributes.keep(key, value);
  const severity = name === "crash" ? "error" : "warn";
  return toRawEvent("reports", { severity, body: toBody(name, content), attributes: attributes.map }, report);
};

export const reports: IntakeDecoder = {
  split: (body) => {
    const json = parseJson(decodeText(body)?.text ?? "");
    const value = json.ok ? json.value : undefined;
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!all.every((report) => isObject(report) && (CSP_REPORT in report || "type" in report))) {
      return notOfProtocol("The body is not a report of a browser: `csp-report`, or a list of objects with `type`.");
    }
    return toValueUnits(all);
  },
  decode: (unit) => [decodeReport(isObject(unit) ? unit : {})],
};
