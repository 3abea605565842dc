/** Splits a stack trace into errors and frames. Handles JavaScript, Java, Python and Dart. */

export interface StackTraceLine {
  readonly text: string;
  readonly kind: "head" | "frame" | "library_frame" | "cause";
}

const CAUSE = /^\s*(?:Caused by|Suppressed):/;
const FRAME = /^\s+at\s|^#\d+\s|^\s+File "|^[\w$<>.[\]]*@\S+:\d+/;
/** Frames of runtimes and dependencies. */
const LIBRARY =
  /node_modules|\bvendor\b|\/vendor-|\(dart:|package:flutter\/|\bnode:|<anonymous>$|java\.(?:lang|util)\./;

export const MAX_TRACE_LINES = 400;

export const parseStackTrace = (stacktrace: string): readonly StackTraceLine[] =>
  stacktrace
    .split("\n", MAX_TRACE_LINES)
    .filter((text) => text.trim() !== "")
    .map((text) => {
      if (CAUSE.test(text)) return { text, kind: "cause" };
      if (!FRAME.test(text)) return { text, kind: "head" };
      return { text, kind: LIBRARY.test(text) ? "library_frame" : "frame" };
    });
