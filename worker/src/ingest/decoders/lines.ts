/**
 * NDJSON: one event a line. A line that is not JSON is rejected alone, unless none of them is.
 */
import { checkJson } from "#contract/check/check-json.ts";
import { ok, type DecodedPayload, type RawEvent, type Result } from "../payload.ts";

const readLine = (line: string): RawEvent => {
  const broken = checkJson(line);
  if (broken !== undefined) return { ok: false, raw: line, violation: broken };
  try {
    return { ok: true, value: JSON.parse(line) };
  } catch {
    return { ok: false, raw: line, violation: { reason: "invalid_json", message: "This line is not valid JSON." } };
  }
};

/** `whole` is what came of reading `text` as one JSON value; it is the answer where lines make no sense either. */
export const decodeLines = (text: string, whole: Result<never>): Result<DecodedPayload> => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2) return whole;
  const events = lines.map(readLine);
  return events.some((event) => event.ok) ? ok({ dialect: "event", events }) : whole;
};
