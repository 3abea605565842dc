/**
 * The paths of Elasticsearch's API that accept logs, without their prefix.
 */

/** Prefix of all paths. `GET /` of the Worker is a page, and clients that check the version need their own root. */
export const ELASTICSEARCH_PREFIX = "/elasticsearch";

/** Senders that check no version need no prefix. */
export const BULK_PREFIXES = [ELASTICSEARCH_PREFIX, ""] as const;

export const BULK_PATHS = ["/_bulk", "/:index/_bulk"] as const;
export const DOCUMENT_PATHS = ["/:index/_doc", "/:index/_doc/:id", "/:index/_create/:id"] as const;

const METHODS = ["post", "put"] as const;

/** All routes that accept logs: a method in lower case, and a path. */
export const BULK_ROUTES: readonly (readonly [method: string, path: string])[] = BULK_PREFIXES.flatMap((prefix) =>
  [...BULK_PATHS, ...DOCUMENT_PATHS].flatMap((path) => METHODS.map((method) => [method, `${prefix}${path}`] as const)),
);
