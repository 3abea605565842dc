/** OpenSearch for set-up programs and operators' commands, which may have to trust a private CA. */
import { readFileSync } from "node:fs";
import { Client, errors } from "@opensearch-project/opensearch";

/**
 * Why OpenSearch did not do it. The client's own errors hold the request with its credentials, and Node prints all of an
 * error; of this one everything may be shown.
 */
export class OpenSearchError extends Error {
  override readonly name = "OpenSearchError";
  /** Of the answer; `undefined` when there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** A cluster, as narrow as it is used. */
export interface OpenSearch extends AsyncDisposable {
  /** The body of the answer. Throws {@link OpenSearchError} for a 4xx or 5xx, and where there is none. */
  ask(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<unknown>;
}

const toOpenSearchError = (error: unknown, question: string): OpenSearchError => {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof errors.ResponseError)) return new OpenSearchError(`OpenSearch cannot be reached: ${reason}`);
  return new OpenSearchError(`OpenSearch answers ${error.statusCode} to ${question}: ${reason}`, error.statusCode);
};

/** User and password may stand in the URL. `OPENSEARCH_CA` is the path of the CA's certificate that signed the cluster's. */
export const connectOpenSearch = (url: string, caPath = process.env["OPENSEARCH_CA"]): OpenSearch => {
  const client = new Client({ node: url, ...(caPath === undefined ? {} : { ssl: { ca: readFileSync(caPath) } }) });
  return {
    async ask(method, path, body) {
      try {
        return (await client.transport.request({ method, path, ...(body && { body }) })).body;
      } catch (error) {
        throw toOpenSearchError(error, `${method} ${path}`);
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
};
