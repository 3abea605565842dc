/** The size of the documents that a request can become, before its payloads are decoded. Pure. */
import { MAX_PAYLOAD_DOCUMENT_BYTES, MAX_RELAY_DOCUMENT_BYTES } from "#contract/wire/limits.ts";

/** The most that one request can become: the first payload of a request is planned even if it exceeds the request's limit. */
export const MAX_DOCUMENT_BYTES = Math.max(MAX_RELAY_DOCUMENT_BYTES, MAX_PAYLOAD_DOCUMENT_BYTES);

/** Documents without any field of the event, and what else a request needs. */
const SMALLEST_DOCUMENT_BYTES = 1_024;
const FIXED_BYTES = 65_536;

/**
 * The most that a body without gzip in it can become. A short body cannot become many long documents: its bytes are divided between the events,
 * of at least two bytes; the resource that each document repeats; and the path that each attribute of the resource repeats.
 */
export const toMaxDocumentBytes = (bodyBytes: number): number =>
  Math.min(
    MAX_DOCUMENT_BYTES,
    FIXED_BYTES + bodyBytes * SMALLEST_DOCUMENT_BYTES + bodyBytes ** 2 + bodyBytes ** 3 / 1_000,
  );
