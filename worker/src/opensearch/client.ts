/**
 * The only file that imports the OpenSearch client.
 */
import type { Readable } from "node:stream";
import { Client } from "@opensearch-project/opensearch";

/** Longer than OpenSearch takes when it is merely slow; shorter than the relay and browsers wait for us. */
const REQUEST_TIMEOUT_MS = 20_000;

/** A log may have an attribute called `__proto__`; the client would refuse the whole answer that holds it. */
const TOLERANT_JSON = { disablePrototypePoisoningProtection: true } as const;

/** An answer is an answer, also where it says no. */
const ANSWERS = [400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504];

/** An answer of OpenSearch with its status; a 4xx or 5xx is an answer too. */
export interface StoreAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An answer that has more bytes than the caller has room for. None of it was kept. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** OpenSearch, as narrow as it is used. Throws when there is no answer at all. */
export interface StoreClient {
  request(method: Method, path: string, body?: string | object): Promise<StoreAnswer>;
  /** As `request`, and throws {@link AnswerTooLarge} rather than hold an answer of more bytes. */
  requestWithin(maxBytes: number, method: Method, path: string, body?: object): Promise<StoreAnswer>;
}

const collect = async (stream: Readable, maxBytes: number): Promise<string> => {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new AnswerTooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};

/** One a request: a socket of workerd belongs to the request that opened it. */
export const createStoreClient = (url: string): StoreClient => {
  const client = new Client({ node: url, maxRetries: 0, requestTimeout: REQUEST_TIMEOUT_MS, ...TOLERANT_JSON });
  return {
    async request(method, path, body) {
      const isLines = typeof body === "string";
      const answer = await client.transport.request(
        { method, path, ...(body === undefined ? {} : isLines ? { bulkBody: body } : { body }) },
        { ignore: ANSWERS },
      );
      return { status: answer.statusCode ?? 0, body: answer.body };
    },
    async requestWithin(maxBytes, method, path, body) {
      const answer = await client.transport.request(
        { method, path, ...(body === undefined ? {} : { body }) },
        { ignore: ANSWERS, asStream: true },
      );
      const stream = answer.body as unknown as Readable;
      if (Number(answer.headers?.["content-length"] ?? 0) > maxBytes) {
        stream.destroy();
        throw new AnswerTooLarge();
      }
      return { status: answer.statusCode ?? 0, body: JSON.parse(await collect(stream, maxBytes)) as unknown };
    },
  };
};
