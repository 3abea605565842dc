/**
 * Any other text: one event with the text as its body. One trailing line break is removed.
 */
import type { DecodedPayload } from "../delivery.ts";

export const decodeText = (text: string): DecodedPayload => ({
  dialect: "text",
  events: [{ ok: true, value: { body: text.replace(/\r?\n$/, "") } }],
});
