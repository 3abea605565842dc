/**
 * Lines of logfmt: `time=2026-11-28T20:40:00Z level=info msg="Started" port=80`. Its pairs have the same names as the members of
 * JSON lines. All values are texts, or `true` for a key without a value.
 */
import { LOGFMT_PAIR } from "#contract/wire/line-formats.ts";
import type { RawEvent } from "../delivery.ts";
import { JSON_LINE_FIELDS } from "./json-line-fields.ts";
import { decodeMembers } from "./json-line.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);

/** Requires a line of logfmt. A key that is repeated has the list of its values. */
export const decodeLogfmt = (text: string): RawEvent => {
  const line = text.trim();
  const members = new Map<string, unknown>();
  LOGFMT_PAIR.lastIndex = 0;
  for (let match = LOGFMT_PAIR.exec(line); match !== null; match = LOGFMT_PAIR.exec(line)) {
    const [, key = "", quoted, plain] = match;
    const value = quoted === undefined ? (plain ?? true) : unescape(quoted);
    const last = members.get(key);
    if (last === undefined) members.set(key, value);
    else if (Array.isArray(last)) last.push(value);
    else members.set(key, [last, value]);
  }
  return decodeMembers({ dialect: "logfmt", fields: JSON_LINE_FIELDS.json_line, members, raw: text });
};
