/** Requests of tests and benchmarks to OpenSearch, without the Worker. */

/**
 * Resolves to the response body, also of an error status; throws when OpenSearch is unavailable. A string body is sent as
 * NDJSON, an object as JSON.
 */
export const queryOpenSearch = async <T = unknown>(
  opensearchUrl: string,
  path: string,
  body?: object | string,
  method = "POST",
): Promise<T> => {
  const isNdjson = typeof body === "string";
  const response = await fetch(new URL(path, opensearchUrl), {
    method,
    headers: { "Content-Type": isNdjson ? "application/x-ndjson" : "application/json" },
    ...(body === undefined ? {} : { body: isNdjson ? body : JSON.stringify(body) }),
  });
  return (await response.json()) as T;
};
