/**
 * A server that logs by `POST /logs` and sends again until it has an answer that accounts for everything. A few requests
 * at a time: with one for each batch that waits, the clients alone would keep a line down that comes back.
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
    if (response.status !== 200 || receipt.unfinished !== undefined) throw new Error(`answered ${response.status}`);
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
          () => void (accounted += keys.length),
          () => undefined,
        );
      open.add(sending);
      void sending.then(() => open.delete(sending));
    },
    async settled() {
      await Promise.all(open);
    },
    accountedFor: () => accounted,
    async stop() {
      stopping.abort();
    },
  };
};
