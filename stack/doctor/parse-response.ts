/** Parses the response of a deployment. It may have any content: the URL can be that of another server. */
import type * as z from "zod";
import { receiptSchema, type Receipt } from "#contract/wire/receipt.ts";

/** The value of a JSON text; `undefined` if it is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The value of a JSON text with the shape of a schema; otherwise `undefined`. */
export const parseAs = <T>(text: string, schema: z.ZodType<T>): T | undefined => schema.safeParse(parseJson(text)).data;

/** The receipt in an HTTP response or in an MQTT message; `undefined` if it is not a receipt. */
export const parseReceipt = (payload: string | Uint8Array): Receipt | undefined =>
  parseAs(typeof payload === "string" ? payload : new TextDecoder().decode(payload), receiptSchema);
