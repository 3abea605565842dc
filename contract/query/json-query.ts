/** Pasted JSON: recognised, and translated to a query for the fields of a log. Pure. */
import { findField } from "./fields.ts";
import { toPhrase } from "./format.ts";

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a query is a JSON object, such as a pasted log line. */
export const isJsonObject = (text: string): boolean => parseObject(text) !== undefined;

/** Fields that differ between two deliveries or that a reader does not mean: the line was pasted to find similar ones. */
const SKIPPED: ReadonlySet<string> = new Set(["time", "observed", "severity.number"]);

const MAX_TERMS = 8;

const toTerms = (object: Readonly<Record<string, unknown>>, prefix: string): readonly string[] =>
  Object.entries(object).flatMap(([key, value]) => {
    const name = prefix + key;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const inner = value as Readonly<Record<string, unknown>>;
      return toTerms(inner, name === "attributes" || name === "resource" ? "" : `${name}.`);
    }
    if (!["string", "number", "boolean"].includes(typeof value) || value === "") return [];
    const field = findField(name);
    if (SKIPPED.has(field?.name ?? "")) return [];
    const isPlainName = /^[\p{L}_][\w.-]*$/u.test(name);
    return [`${isPlainName ? (field?.name ?? name) : toPhrase(name)}:${toPhrase(String(value))}`];
  });

/** The values of a JSON object as conditions; `undefined` without a value. */
export const toFieldQuery = (text: string): string | undefined => {
  const terms = toTerms(parseObject(text) ?? {}, "").slice(0, MAX_TERMS);
  return terms.length === 0 ? undefined : terms.join(" ");
};
