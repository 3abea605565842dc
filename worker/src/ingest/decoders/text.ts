/**
 * Any other text: one event whose body is the text, as it came.
 */
import type { DecodedPayload } from "../payload.ts";

export const decodeText = (text: string): DecodedPayload => ({
  dialect: "text",
  events: [{ ok: true, value: { body: text.replace(/\r?\n$/, "") } }],
});
