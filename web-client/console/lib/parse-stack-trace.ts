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

/** Parses the first `maxLines` lines that are not blank. */
export const parseStackTrace = (
  stacktrace: string,
  maxLines: number,
): { readonly lines: readonly StackTraceLine[]; readonly total: number } => {
  const all = stacktrace.split("\n").filter((text) => text.trim() !== "");
  const lines = all.slice(0, maxLines).map((text): StackTraceLine => {
    if (CAUSE.test(text)) return { text, kind: "cause" };
    if (!FRAME.test(text)) return { text, kind: "head" };
    return { text, kind: LIBRARY.test(text) ? "library_frame" : "frame" };
  });
  return { lines, total: all.length };
};
