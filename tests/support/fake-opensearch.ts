/** A server in place of OpenSearch, for responses that OpenSearch does not give on request. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export const startFakeOpenSearch = async (
  listener: RequestListener,
): Promise<AsyncDisposable & { readonly host: string }> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
