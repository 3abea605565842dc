/**
 * The only file that imports the OpenSearch client.
 */
import { Client } from "@opensearch-project/opensearch";

/** Longer than OpenSearch takes when it is merely slow; shorter than the relay and browsers wait for us. */
const REQUEST_TIMEOUT_MS = 20_000;

/** A log may have an attribute called `__proto__`; the client would refuse the whole answer that holds it. */
const TOLERANT_JSON = { disablePrototypePoisoningProtection: true } as const;

/** An answer of OpenSearch with its status; a 4xx or 5xx is an answer too. */
export interface StoreAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** OpenSearch, as narrow as it is used. Throws when there is no answer at all. */
export interface StoreClient {
  request(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: string | object): Promise<StoreAnswer>;
}

/** One a request: a socket of workerd belongs to the request that opened it. */
export const createStoreClient = (url: string): StoreClient => {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: REQUEST_TIMEOUT_MS, ...TOLERANT_JSON });
  return {
    async request(method, path, body) {
      const isLines = typeof body === "string";
      const answer = await client.transport.request(
        { method, path, ...(body === undefined ? {} : isLines ? { bulkBody: body } : { body }) },
        { ignore: [400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504] },
      );
      return { status: answer.statusCode ?? 0, body: answer.body };
    },
  };
};
