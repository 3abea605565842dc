/**
 * A server that sends `POST /logs` requests and retries until a receipt covers all events. Concurrency is limited, because one
 * request for each waiting batch would overload a recovering Worker.
 */
import { bulkhead, ExponentialBackoff, handleAll, retry, wrap } from "cockatiel";
import type { Receipt } from "#contract/wire/receipt.ts";
import { toBatch, type ChaosClient, type Target } from "./chaos-client.ts";

const REQUEST_TIMEOUT_MS = 5_000;

const MAX_IN_FLIGHT = 8;

const retries = retry(handleAll, {
  maxAttempts: Number.POSITIVE_INFINITY,
  backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 }),
});

export const startHttpClient = async (target: Target): Promise<ChaosClient> => {
  const { httpUrl, app, key } = target;
  const stopping = new AbortController();
  const policy = wrap(bulkhead(MAX_IN_FLIGHT, Number.POSITIVE_INFINITY), retries);
  const open = new Set<Promise<void>>();
  let accounted = 0;

  const post = async (text: string): Promise<void> => {
    const response = await fetch(`${httpUrl}/logs`, {
      method: "POST",
      headers: { Authorization: `Bearer ${app}:${key}` },
      body: text,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const receipt = (await response.json()) as Receipt;
    if (response.status !== 200 || receipt.unfinished !== undefined) throw new Error(`status ${response.status}`);
  };

  return {
    name: "http",
    hasReceipts: true,
    hasIds: true,
    send(keys) {
      const { text } = toBatch(keys, target);
      const sending = policy
        .execute(() => post(text), stopping.signal)
        .then(
          () => {
            accounted += keys.length;
            target.onReceipt?.(keys);
          },
          () => undefined,
        );
      open.add(sending);
      void sending.then(() => open.delete(sending));
    },
    async waitUntilSettled() {
      await Promise.all(open);
    },
    countSettled: () => accounted,
    async stop() {
      stopping.abort();
    },
  };
};
