/**
 * UUIDs (version 5) of texts that strangers wrote.
 */
import { v5 as uuidv5 } from "uuid";

/** The same for the same text. By bytes: of a text with half a surrogate pair in it the library would make none, and throw. */
export const uuidOfText = (text: string, namespace: string): string =>
  uuidv5(new TextEncoder().encode(text), namespace);
