/**
 * Turns the response to `_bulk` into one outcome per document.
 */
import * as z from "zod";

/**
 * The result for one document:
 *
 * - `created`: stored by this request.
 * - `duplicate`: a document with this id was already in the index.
 * - `unknown`: it may or may not be stored. Send it again. `cause` is OpenSearch's error, if there is one.
 * - `refused`: OpenSearch will never accept this document. `detail` is its error.
 */
export type CreateOutcome =
  | { readonly state: "created" | "duplicate" }
  | { readonly state: "unknown"; readonly cause?: string }
  | { readonly state: "refused"; readonly detail: string };

const itemSchema = z.object({
  create: z.object({
    status: z.int(),
    error: z.object({ type: z.string(), reason: z.string().nullish() }).optional(),
  }),
});

/** The response without its items, which are checked one by one. */
const bulkResponseSchema = z.object({ items: z.array(z.unknown()) });

const UNKNOWN: CreateOutcome = { state: "unknown" };
const CREATED: CreateOutcome = { state: "created" };
const DUPLICATE: CreateOutcome = { state: "duplicate" };

/**
 * The errors that are caused by the document: the same document fails again. All others are caused by the cluster or
 * its configuration, and a retry can succeed. The list is closed: a good log must not be refused because of an unknown
 * error.
 */
const DOCUMENT_ERRORS = new Set([
  // A value does not match the mapping, or the source cannot be parsed. Wraps all errors of OpenSearch's document parser.
  "mapper_parsing_exception",
  // Names of the same errors in Elasticsearch 8.
  "document_parsing_exception",
  // `dynamic: strict` and a field without a mapping.
  "strict_dynamic_mapping_exception",
]);

/**
 * `illegal_argument_exception` has many causes. A node that is not the cluster manager uses it even to report a cluster
 * without free shards: `Validation Failed: 1: this action would add [2] total shards, …`. These reasons are caused by
 * the document.
 */
const DOCUMENT_ARGUMENTS: readonly RegExp[] = [
  // Lucene: a keyword is longer than 32,766 bytes.
  /^Document contains at least one immense term in field=/,
  /^DocValuesField ".*" is too large, must be <= \d+/s,
  // OpenSearch: the fields of the document exceed a limit of the mapping.
  /^Limit of (?:total fields|mapping depth|nested fields) \[\d+\] has been exceeded/,
];

interface ItemError {
  readonly type: string;
  readonly reason?: string | null | undefined;
}

const isCausedByDocument = ({ type, reason }: ItemError): boolean =>
  DOCUMENT_ERRORS.has(type) ||
  (type === "illegal_argument_exception" && DOCUMENT_ARGUMENTS.some((pattern) => pattern.test(reason ?? "")));

const toOutcome = (status: number, error: ItemError | undefined): CreateOutcome => {
  if (status === 200 || status === 201) return CREATED;
  if (status === 409) return DUPLICATE;
  if (error === undefined) return { state: "unknown", cause: `status ${status}` };
  const isFinal = status === 400 && isCausedByDocument(error);
  // The reason may contain a value of the document, so `cause`, which is logged, is the type only.
  return isFinal
    ? { state: "refused", detail: `${error.type}: ${error.reason ?? ""}` }
    : { state: "unknown", cause: error.type };
};

/**
 * The outcome of an item without an error, like nearly all items. `undefined`: use the schema. Checking all items with it took
 * about a microsecond a document.
 */
const readPlainItem = (item: unknown): CreateOutcome | undefined => {
  const { create } = (item ?? {}) as { readonly create?: unknown };
  const { status, error } = (create ?? {}) as { readonly status?: unknown; readonly error?: unknown };
  if (error !== undefined) return undefined;
  if (status === 201 || status === 200) return CREATED;
  return status === 409 ? DUPLICATE : undefined;
};

/** `undefined` if the item has an unexpected shape. */
const readItem = (item: unknown): CreateOutcome | undefined => {
  const plain = readPlainItem(item);
  if (plain !== undefined) return plain;
  const parsed = itemSchema.safeParse(item);
  return parsed.success ? toOutcome(parsed.data.create.status, parsed.data.create.error) : undefined;
};

/**
 * Returns `documentCount` outcomes in the order of the request. When the status is not 200, the body has another shape,
 * or the number of items differs from `documentCount`, every outcome is `unknown`.
 */
export const parseBulkResponse = (status: number, body: unknown, documentCount: number): readonly CreateOutcome[] => {
  const response = status === 200 ? bulkResponseSchema.safeParse(body) : undefined;
  if (response?.success === true && response.data.items.length === documentCount) {
    const outcomes = response.data.items.map(readItem);
    if (outcomes.every((outcome) => outcome !== undefined)) return outcomes;
  }
  return Array.from({ length: documentCount }, () => UNKNOWN);
};
