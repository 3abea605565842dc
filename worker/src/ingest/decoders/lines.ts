/**
 * NDJSON: one event per line. An invalid line is rejected and the others are stored. If every line is invalid, the whole
 * payload is rejected.
 */
import { checkJson } from "#contract/check/check-json.ts";
import type { DecodedPayload, RawEvent } from "../delivery.ts";
import { ok, type Result } from "../result.ts";

const parseLine = (line: string): RawEvent => {
  const invalid = checkJson(line);
  if (invalid !== undefined) return { ok: false, raw: line, violation: invalid };
  try {
    return { ok: true, value: JSON.parse(line) };
  } catch {
    return { ok: false, raw: line, violation: { reason: "invalid_json", message: "This line is not valid JSON." } };
  }
};

/** `whole` is the error from parsing `text` as one JSON value. It is returned if `text` is not NDJSON either. */
export const decodeLines = (text: string, whole: Result<never>): Result<DecodedPayload> => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2) return whole;
  const events = lines.map(parseLine);
  return events.some((event) => event.ok) ? ok({ dialect: "event", events }) : whole;
};
