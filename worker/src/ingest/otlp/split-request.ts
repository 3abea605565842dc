/**
 * Splits an OTLP request in JSON into texts that have at most as many log records as one payload may have.
 */
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import { PartWriter, type LogsParts } from "./part-writer.ts";

function* objectsOf(value: unknown): Generator<JsonObject, void> {
  if (!Array.isArray(value)) return;
  for (const each of value) if (isObject(each)) yield each;
}

/** Number of log records. */
export const countRecords = (request: JsonObject): number => {
  let count = 0;
  for (const resourceLogs of objectsOf(request["resourceLogs"])) {
    for (const scopeLogs of objectsOf(resourceLogs["scopeLogs"])) {
      for (const _ of objectsOf(scopeLogs["logRecords"])) count += 1;
    }
  }
  return count;
};

/** In the order of the records. A request without records gives an empty list. */
export const splitRequest = (request: JsonObject, maxRecords: number): LogsParts => {
  const writer = new PartWriter(maxRecords);
  for (const { scopeLogs: scopes, ...resourceLogs } of objectsOf(request["resourceLogs"])) {
    writer.startResource(resourceLogs);
    for (const { logRecords, ...scopeLogs } of objectsOf(scopes)) {
      writer.startScope(scopeLogs);
      for (const record of objectsOf(logRecords)) writer.addRecord(record);
    }
  }
  return writer.finish();
};
