/**
 * Version 5 UUIDs of untrusted text.
 */
import { v5 as uuidv5 } from "uuid";

/**
 * Returns the same UUID for the same text and namespace. Encodes the text first: given a string with a lone surrogate,
 * `uuid` throws.
 */
export const uuidFromText = (text: string, namespace: string): string =>
  uuidv5(new TextEncoder().encode(text), namespace);
