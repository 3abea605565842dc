/**
 * The shapes of lines of text that contain a time, a level or a stream. Pure.
 */
import { MAX_BATCH_EVENTS } from "./limits.ts";

/** CRI: `2026-11-28T20:40:00.123456789Z stdout F text`. `P` marks a part of a line that the next part continues. */
export const CRI_PATTERN =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::\S*)? ([^\n]*)$/;

/** RFC 5424, section 6: `<34>1 2026-11-28T20:40:00Z host app 7 id [data] text`. */
export const SYSLOG_PATTERN =
  /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]"\\\n]|"(?:[^"\\\n]|\\[^\n])*")*\])+)(?: \ufeff?([^\n]*))?$/;

/** RFC 3164, section 4: `<34>Nov 28 20:40:00 host app[7]: text`, also with a time of RFC 3339, as rsyslog forwards it. */
export const SYSLOG_BSD_PATTERN =
  /^<(\d{1,3})>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) ([^\s:[\]]{1,128})(?:\[([^\]\s]{0,128})\])?: ?([^\n]*)$/;

/**
 * The common and combined formats of access logs:
 * `192.0.2.1 - ann [28/Nov/2026:20:40:00 +0000] "GET / HTTP/1.1" 200 5 "https://example.com/" "Mozilla/5.0"`.
 */
export const ACCESS_PATTERN =
  /^(\S+) (\S+) ([^[\n]{1,256}) \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "((?:[^"\\\n]|\\[^\n])*)" (\d{3}) (\d+|-)(?: "((?:[^"\\\n]|\\[^\n])*)" "((?:[^"\\\n]|\\[^\n])*)")?([^\n]*)$/;

/** One pair of logfmt (https://brandur.org/logfmt), or a key without a value. slog quotes keys with a space. */
export const LOGFMT_PAIR =
  /(?:"((?:[^"\\\n]|\\[^\n])*)"(?==)|([^\s="]+))(?:=(?:"((?:[^"\\\n]|\\[^\n])*)"|([^\s"]*)))?(?:[ \t]+|$)/y;

const LOGFMT_LINE =
  /^(?:(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s="{}[\]<>]+)=(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s"]*)(?:[ \t]+|$))+$/;
/** After the first pair also keys without a value, which structlog and others write for `true`. */
const LOGFMT_LINE_WITH_FLAGS =
  /^(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s="{}[\]<>]+)=(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s"]*)(?:[ \t]+(?:(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s="{}[\]<>]+)=(?:"(?:[^"\\\n]|\\[^\n])*"|[^\s"]*)|[A-Za-z_](?:[\w.-]*\w)?|$))*$/;
const LOGFMT_MESSAGE = /(?:^|[ \t])(?:msg|message|event)=/;
const LOGFMT_QUOTED_MESSAGE = /(?:^|[ \t])(?:msg|message|event)="/;
const LOGFMT_LEVEL_OR_TIME = /(?:^|[ \t])(?:level|lvl|severity|time|ts|timestamp)=/;

/** Most payloads are JSON, which none of these patterns has to scan. */
const mayBePlain = (line: string): boolean => !"[{<\u001e".includes(line.charAt(0));

/**
 * Only pairs, among them a message, and a level or a time. Keys without a value need a message in quotation marks: words after
 * one without them are more probably its end, as in `level=info msg=User logged in`.
 */
const isLogfmt = (line: string): boolean =>
  mayBePlain(line) &&
  LOGFMT_MESSAGE.test(line) &&
  LOGFMT_LEVEL_OR_TIME.test(line) &&
  (LOGFMT_LINE.test(line) || (LOGFMT_QUOTED_MESSAGE.test(line) && LOGFMT_LINE_WITH_FLAGS.test(line)));

interface LinePattern {
  readonly test: (line: string) => boolean;
}

/** The formats of one line. */
export const LINE_PATTERNS = {
  cri: CRI_PATTERN,
  syslog: SYSLOG_PATTERN,
  syslog_bsd: SYSLOG_BSD_PATTERN,
  access: { test: (line) => mayBePlain(line) && ACCESS_PATTERN.test(line) },
  logfmt: { test: isLogfmt },
} as const satisfies Readonly<Record<string, LinePattern>>;

/** Name of a format of lines, which is also that of its dialect. */
export type LineFormat = keyof typeof LINE_PATTERNS;

const LINE_FORMATS = Object.entries(LINE_PATTERNS) as readonly (readonly [LineFormat, LinePattern])[];

/** The format of a line. `undefined` for any other text. */
export const findLineFormat = (line: string): LineFormat | undefined =>
  LINE_FORMATS.find(([, pattern]) => pattern.test(line))?.[0];

/**
 * Whether a text starts with a line of one of these formats, or has one after another first line. Then it has at most as many events
 * as a batch: a text that can be stored as one event is not rejected because of lines in it.
 */
export const hasFormattedLine = (text: string): boolean => {
  if (/^(?:<\d{1,3}>1 |\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP])/.test(text)) return true;
  let formatted = 0;
  let events = 0;
  let isAfterText = false;
  for (let start = 0, end = 0; end < text.length && events <= MAX_BATCH_EVENTS; start = end + 1) {
    const lineFeed = text.indexOf("\n", start);
    end = lineFeed < 0 ? text.length : lineFeed;
    const line = text.slice(start, end).replace(/\r$/, "");
    if (line.trim() === "") continue;
    const isText = findLineFormat(line) === undefined;
    if (!isText && events === 0) return true;
    if (!isText) formatted += 1;
    if (!isText || !isAfterText) events += 1;
    isAfterText = isText;
  }
  return formatted > 0 && events <= MAX_BATCH_EVENTS;
};

/** The last line of a stack trace of Python: `json.decoder.JSONDecodeError: Expecting value`. */
const PYTHON_ERROR = /^[A-Za-z_][\w.]*(?:: |$)/;

/** The lines of an event so far. They are equal if it has one line. */
interface EarlierLines {
  readonly first: string;
  readonly last: string;
}

/**
 * Whether a line continues the lines before it: indented lines, such as the frames of a stack trace, the causes of Java's
 * exceptions, and the error after the frames of Python.
 *
 * @example
 * ```ts
 * isContinuation("    at pay (cart.js:7:3)"); // true
 * isContinuation("ValueError: no card", { first: "Traceback (most recent call last):", last: "    pay()" }); // true
 * ```
 */
export const isContinuation = (line: string, { first, last }: EarlierLines = { first: "", last: "" }): boolean =>
  /^(?:\s|Caused by: |Suppressed: )/.test(line) ||
  (first.startsWith("Traceback (most recent call last):") && /^\s/.test(last) && PYTHON_ERROR.test(line));
