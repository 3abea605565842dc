/**
 * The shapes of lines of text that contain a time, a level or a stream: the container runtime interface (CRI), and syslog. Pure.
 */

/** CRI: `2026-11-28T20:40:00.123456789Z stdout F text`. `P` marks a part of a line that the next part continues. */
export const CRI_PATTERN =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::\S*)? ([^\n]*)$/;

/** RFC 5424, section 6: `<34>1 2026-11-28T20:40:00Z host app 7 id [data] text`. */
export const SYSLOG_PATTERN =
  /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]"\\\n]|"(?:[^"\\\n]|\\[^\n])*")*\])+)(?: \ufeff?([^\n]*))?$/;

/** Whether a text starts with a line of one of these formats. */
export const startsLikeLine = (text: string): boolean =>
  /^(?:<\d{1,3}>1 |\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) std(?:out|err) [FP])/.test(text);
