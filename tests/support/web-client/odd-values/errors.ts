/** Errors, with properties that throw, of other realms, and nested. */
import { expect } from "vitest";
import { DROPPED, type Row } from "./row.ts";

const exception = (type: string, message: string): Record<string, string> => ({
  "exception.type": type,
  "exception.message": message,
});

const OTHER_REALM = `
  const frame = document.body.appendChild(document.createElement("iframe"));
  const other = frame.contentWindow;`;

export const ERRORS: readonly Row[] = [
  {
    name: "an error without a stack",
    prepare: 'const e = new TypeError("no card"); e.stack = null;',
    args: "e",
    body: "TypeError: no card",
    attributes: exception("TypeError", "no card"),
    stacktrace: /^TypeError: no card\n$/,
  },
  {
    name: "an error whose message throws",
    prepare: 'const e = new Error("x"); Object.defineProperty(e, "message", { get() { throw new Error("no"); } });',
    args: "e, { n: 1 }",
    attributes: { "exception.type": "Error", n: 1 },
    stacktrace: /at /,
  },
  {
    name: "an error whose name and stack throw",
    prepare: `const e = new Error("left");
      for (const name of ["name", "stack"]) Object.defineProperty(e, name, { get() { throw 1; } });`,
    args: "e",
    attributes: { "exception.message": "left" },
  },
  {
    name: "an error whose toString throws",
    prepare: 'const e = new RangeError("far"); e.toString = () => { throw new Error("no"); };',
    args: "e",
    body: "RangeError: far",
    attributes: { ...exception("RangeError", "far"), "error.toString": "[Function]" },
    stacktrace: /RangeError: far\n/,
  },
  {
    name: "an error whose cause throws",
    prepare: 'const e = new Error("x"); Object.defineProperty(e, "cause", { get() { throw 1; } });',
    args: "e",
    attributes: exception("Error", "x"),
    stacktrace: /at /,
  },
  {
    name: "an error with properties, one of which throws",
    prepare: `const e = Object.assign(new Error("x"), { code: "E_CONN", status: 502, details: { field: "mail", token: "s" } });
      Object.defineProperty(e, "bad", { enumerable: true, get() { throw 1; } });`,
    args: "e",
    attributes: {
      ...exception("Error", "x"),
      "error.code": "E_CONN",
      "error.status": 502,
      "error.details": { field: "mail", token: "[redacted]" },
      [DROPPED]: 1,
    },
    stacktrace: /at /,
  },
  {
    name: "an AggregateError",
    args: 'new AggregateError([new TypeError("first"), "second", { n: 3 }], "all failed")',
    body: "AggregateError: all failed",
    attributes: exception("AggregateError", "all failed"),
    stacktrace:
      /^AggregateError: all failed[\s\S]+Caused by: TypeError: first\n +at [\s\S]+Caused by: second\nCaused by: \{"n":3\}$/,
  },
  {
    name: "a chain of causes that is a circle",
    prepare: 'const e = new Error("loop"); e.cause = e; e.errors = [e, e, e];',
    args: "e",
    attributes: {
      ...exception("Error", "loop"),
      "error.errors": ["Error: loop", "Error: loop", "Error: loop"],
    },
    stacktrace: /(Caused by: Error: loop[\s\S]+){9}/,
  },
  {
    name: "an error of another realm",
    prepare: OTHER_REALM,
    args: 'new other.TypeError("from the frame")',
    body: "TypeError: from the frame",
    attributes: exception("TypeError", "from the frame"),
    stacktrace: /TypeError: from the frame/,
  },
  {
    name: "a DOMException of another realm",
    prepare: OTHER_REALM,
    args: '"text", { e: new other.DOMException("stopped", "AbortError") }',
    body: "text",
    attributes: exception("AbortError", "stopped"),
    stacktrace: /AbortError: stopped|stopped/,
  },
  {
    name: "a DOMException",
    args: 'new DOMException("stopped", "AbortError")',
    body: "AbortError: stopped",
    attributes: exception("AbortError", "stopped"),
    stacktrace: /stopped/,
  },
  {
    name: "a Proxy of an error",
    args: 'new Proxy(new TypeError("wrapped"), {})',
    body: "TypeError: wrapped",
    attributes: exception("TypeError", "wrapped"),
    stacktrace: /TypeError: wrapped\n/,
  },
  {
    name: "{ err }",
    args: '"failed", { err: new TypeError("no card"), n: 1 }',
    body: "failed",
    attributes: { ...exception("TypeError", "no card"), n: 1 },
    stacktrace: /^TypeError: no card\n +at /,
  },
  {
    name: "an error inside attributes",
    args: '"failed", { request: { id: 7, reason: new TypeError("no card") } }',
    body: "failed",
    attributes: { ...exception("TypeError", "no card"), request: { id: 7, reason: "TypeError: no card" } },
    stacktrace: /^TypeError: no card\n +at /,
  },
  {
    name: "an object with an error as the only argument",
    args: '{ err: new TypeError("no card"), code: "E1" }',
    body: /"code":"E1"/,
    attributes: { ...exception("TypeError", "no card"), code: "E1" },
    stacktrace: /^TypeError: no card\n +at /,
  },
  {
    name: "two errors",
    args: 'new Error("first"), { error: new TypeError("second"), list: [new Error("third")] }',
    body: "Error: first",
    attributes: {
      ...exception("Error", "first"),
      error: expect.stringMatching(/^TypeError: second\n +at /),
      list: [expect.stringMatching(/^Error: third\n +at /)],
    },
    stacktrace: /^Error: first\n +at /,
  },
  {
    name: "an error and an attribute named error",
    args: 'new Error("a"), { error: "E42", "exception.type": "Custom" }',
    body: "Error: a",
    attributes: { ...exception("Custom", "a"), error: "E42" },
    stacktrace: /^Error: a\n +at /,
  },
];
