/**
 * Merges what pages pass as attributes. A spread would throw where a getter does, and a log is worth more than one of
 * its attributes.
 */
import type { Attributes } from "../../contract/log-event.ts";

/** `holder[key]`, whatever its getter does. */
export const readProperty = (holder: object, key: string): unknown => {
  try {
    return (holder as Record<string, unknown>)[key];
  } catch {
    return "[unreadable]";
  }
};

/** Later sources win. What is no object counts as empty. */
export const mergeAttributes = (...sources: readonly unknown[]): Attributes =>
  Object.fromEntries(
    sources.flatMap((source) =>
      typeof source === "object" && source !== null
        ? Object.keys(source).map((key) => [key, readProperty(source, key)] as const)
        : [],
    ),
  );
