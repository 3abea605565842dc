/** The bulk API of OpenSearch in memory, for tests of the Worker's resources. It stores ids only. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface BulkStore extends AsyncDisposable {
  readonly url: string;
  /** Number of stored documents. */
  count(): number;
}

/** Each response to `_bulk` takes at least `delayMs`. */
export const startBulkStore = async (delayMs: number): Promise<BulkStore> => {
  const ids = new Set<string>();
  const create = (id: string): { readonly create: { readonly status: number } } => {
    const status = ids.has(id) ? 409 : 201;
    ids.add(id);
    return { create: { status } };
  };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      response.setHeader("Content-Type", "application/json");
      if (request.url?.startsWith("/_bulk") !== true) {
        response.end('{"status":"green"}');
        return;
      }
      await sleep(delayMs);
      const items = [...body.matchAll(/^\{"create":\{"_index":"[^"]+","_id":"([^"]+)"\}\}$/gm)].map(([, id]) =>
        create(id ?? ""),
      );
      response.end(JSON.stringify({ items }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => ids.size,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
