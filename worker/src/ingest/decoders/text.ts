/**
 * Any other text: one event with the text as its body.
 */
import type { DecodedPayload } from "../delivery.ts";

export const decodeText = (text: string): DecodedPayload => ({
  dialect: "text",
  events: [{ ok: true, value: { body: text } }],
});
