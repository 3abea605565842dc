/**
 * Parses JSON from outside: checks its size first, and keeps the digits of numbers that a double cannot represent.
 */
import type { Violation } from "#contract/wire/violation.ts";
import { scanJson } from "./check-json.ts";
import { parseExactJson } from "./exact-number.ts";

/** A parsed value. `violation`: the text exceeds a limit; without it, the text is not JSON. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly violation?: Violation };

/** Parses a JSON text. Never throws. Numbers that a double cannot represent are instances of `ExactNumber`. */
export const parseJson = (text: string): ParsedJson => {
  const { violation, hasUnusualNumbers } = scanJson(text);
  if (violation !== undefined) return { ok: false, violation };
  try {
    return { ok: true, value: hasUnusualNumbers ? parseExactJson(text) : JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};
