/**
 * The members of a line of GELF. Additional fields have an underscore, which is removed. `full_message` "can i.e. contain a
 * backtrace", as the specification says.
 *
 * Source: https://go2docs.graylog.org/current/getting_in_log_data/gelf.html
 */
import type { JsonObject } from "#contract/wire/json-object.ts";

/** Lines of stack traces of Java, JavaScript and Python. `\s` would match all following lines, from each of them again. */
const STACK_FRAME = /^[ \t]+(?:at |File ")|^Traceback \(/m;

/** The level of syslog that loggers give to `DEBUG` and `TRACE`. */
const DEBUG_LEVEL = 7;

const isTrace = (value: unknown): boolean => typeof value === "string" && STACK_FRAME.test(value);

/** Whether `full_message` has only values of other fields: Spring Boot repeats the message and the stack trace. */
const isRepeated = ({ short_message: message, full_message: full, _error_stack_trace: trace }: JsonObject): boolean =>
  typeof full === "string" &&
  typeof message === "string" &&
  typeof trace === "string" &&
  full.length <= message.length + trace.length + 4 &&
  full.startsWith(message) &&
  full.slice(message.length).trim() === trace.trim();

/** Whether another field has the stack trace: `_error_stack_trace` is that of Spring Boot. */
const hasOtherTrace = (line: JsonObject): boolean =>
  "_stack_trace" in line || "stack_trace" in line || isTrace(line["_error_stack_trace"]);

export const toGelfMembers = (line: JsonObject): Map<string, unknown> => {
  const members = new Map<string, unknown>();
  for (const [key, value] of Object.entries(line)) {
    if (key === "full_message" && isRepeated(line)) continue;
    const isException = key === "full_message" && isTrace(value) && !hasOtherTrace(line);
    const isAdditional = /^_./.test(key) && !(key.slice(1) in line);
    members.set(isException ? "stack_trace" : isAdditional ? key.slice(1) : key, value);
  }
  // syslog has no level below debug.
  const name = members.get("level_name");
  if (line["level"] === DEBUG_LEVEL && typeof name === "string" && /^trace$/i.test(name)) {
    members.set("level", name);
    members.delete("level_name");
  }
  return members;
};
