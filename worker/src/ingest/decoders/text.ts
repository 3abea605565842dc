/**
 * Any other text: one event with the text as its body.
 */
import type { RawEvent } from "../delivery.ts";

export const decodeText = (text: string): RawEvent => ({ ok: true, dialect: "text", value: { body: text }, raw: text });
