/**
 * A complete stack for the tests of field cases. Each file starts one stack and runs all its rows on it: it sends payloads
 * as the demo app and compares the logs that `GET /search` returns.
 */
import type { SearchHit, SearchResponse } from "#contract/api/search.ts";
import { receivedReceiptSchema, type ReceivedReceipt } from "#contract/wire/receipt.ts";
import { startPublisher } from "../../support/mqtt-publisher.ts";
import { startTestStack, type TestStack } from "../../support/test-stack.ts";

export interface FieldCaseStack extends AsyncDisposable {
  readonly stack: TestStack;
  /** `POST /logs`. Strings and bytes are sent as they are, objects as JSON. Throws if the response is not a receipt. */
  post(payload: string | Uint8Array | object, headers?: Readonly<Record<string, string>>): Promise<ReceivedReceipt>;
  /** Publishes over MQTT 5 with QoS 1. Resolves with the receipt. */
  publish(payload: string | Uint8Array | object): Promise<ReceivedReceipt>;
  /** Response body of a read route, after a refresh: logs with a receipt are found. Throws if the status is not 200. */
  read<T>(path: string): Promise<T>;
  /** Hits of `GET /search` for a query, newest first, after a refresh. `params`: further parameters. */
  search(q: string, params?: Readonly<Record<string, string>>): Promise<readonly SearchHit[]>;
  /** Repeats the search until it has `count` hits, for payloads without a receipt. Throws after 30 seconds. */
  searchUntil(q: string, count: number): Promise<readonly SearchHit[]>;
}

const toBytes = (payload: string | Uint8Array | object): string | Buffer => {
  if (typeof payload === "string") return payload;
  return payload instanceof Uint8Array ? Buffer.from(payload) : JSON.stringify(payload);
};

export const startFieldCaseStack = async (): Promise<FieldCaseStack> => {
  const stack = await startTestStack();
  const { file } = stack;
  const publisher = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key });
  let published = 0;

  const read = async <T>(path: string): Promise<T> => {
    await fetch(new URL("/logs-*,rejected-*/_refresh?ignore_unavailable=true", file.opensearch), { method: "POST" });
    const response = await fetch(new URL(path, file.worker), {
      headers: { Authorization: `Bearer ${file.readerToken}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} responded with ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  const search = async (q: string, params: Readonly<Record<string, string>> = {}): Promise<readonly SearchHit[]> => {
    const query = new URLSearchParams({ q, limit: "1000", ...params });
    return (await read<SearchResponse>(`/search?${query.toString()}`)).hits;
  };

  return {
    stack,
    read,
    search,
    async post(payload, headers) {
      const response = await stack.postLogs(payload, headers);
      const text = await response.text();
      const parsed = receivedReceiptSchema.safeParse(JSON.parse(text));
      if (!parsed.success) throw new Error(`POST /logs responded with ${response.status}: ${text}`);
      return parsed.data;
    },
    async publish(payload) {
      published += 1;
      const correlation = `field-case-${published}`;
      await publisher.publish(toBytes(payload), correlation);
      return await publisher.receipt(correlation);
    },
    searchUntil: (q, count) =>
      stack.waitFor(
        `${count} hits for ${q}`,
        () => search(q),
        ({ length }) => length === count,
      ),
    async [Symbol.asyncDispose]() {
      await publisher[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
    },
  };
};
