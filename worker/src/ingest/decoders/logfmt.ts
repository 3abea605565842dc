/**
 * Lines of logfmt: `time=2026-11-28T20:40:00Z level=info msg="Started" port=80`. Its pairs have the same names as the members of
 * JSON lines. All values are texts, or `true` for a key without a value.
 */
import { FreeNames } from "#contract/check/free-names.ts";
import { LOGFMT_PAIR } from "#contract/wire/line-formats.ts";
import { MAX_EQUAL_KEYS } from "#contract/wire/limits.ts";
import type { RawEvent } from "../delivery.ts";
import { JSON_LINE_FIELDS } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";
import { withLoggerKeys } from "./logger-keys.ts";
import { decodeText } from "./text.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);

/** Requires a line of logfmt. The first of equal keys keeps its name. A line with very many of them is text. */
export const decodeLogfmt = (text: string): RawEvent => {
  const line = text.trim();
  const members = new Map<string, unknown>();
  const later: (readonly [key: string, value: unknown])[] = [];
  LOGFMT_PAIR.lastIndex = 0;
  for (let match = LOGFMT_PAIR.exec(line); match !== null; match = LOGFMT_PAIR.exec(line)) {
    const [, quotedKey, plainKey = "", quoted, plain] = match;
    const key = quotedKey === undefined ? plainKey : unescape(quotedKey);
    const value = quoted === undefined ? (plain ?? true) : unescape(quoted);
    if (!members.has(key)) members.set(key, value);
    else if (later.push([key, value]) > MAX_EQUAL_KEYS) return decodeText(text);
  }
  const names = new FreeNames();
  for (const [key, value] of later) {
    members.set(
      names.find(key, (each) => members.has(each)),
      value,
    );
  }
  const fields = withLoggerKeys("logfmt", JSON_LINE_FIELDS.json_line, members);
  const event = decodeMembers({ dialect: "logfmt", fields, members, raw: text });
  return later.length > 0 && event.ok ? { ...event, changes: ["key_renamed"] } : event;
};
