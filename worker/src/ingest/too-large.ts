/** The violation of a payload whose documents would be too large. */
import { MAX_PAYLOAD_DOCUMENT_BYTES } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";

/** @param documentBytes What the documents would have in total, or a lower bound of it. */
export const toTooLarge = (documentBytes: number): Violation => ({
  reason: "too_large",
  message: `The documents of this payload would have ${documentBytes} bytes in total; the maximum is ${MAX_PAYLOAD_DOCUMENT_BYTES}. Fields shared by a batch are repeated in each document. Send smaller batches.`,
  field: "payload",
  limit: MAX_PAYLOAD_DOCUMENT_BYTES,
});
