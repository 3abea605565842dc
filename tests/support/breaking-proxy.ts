/** HTTP proxy that closes the connection in the middle of chosen responses. */
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface BreakingProxy extends AsyncDisposable {
  readonly url: string;
  /** Paths of requests whose response was cut off. */
  readonly broken: readonly string[];
}

/** `breakAfter` returns the number of response bytes after which the connection is closed; `undefined` forwards everything. */
export const startBreakingProxy = async (
  target: string,
  breakAfter: (path: string) => number | undefined,
): Promise<BreakingProxy> => {
  const broken: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const limit = breakAfter(path);
    // A compressed response would be too short to be cut off at the wanted position.
    const { "accept-encoding": _, ...headers } = incoming.headers;
    const forward = request(
      new URL(path, target),
      { method: incoming.method, headers: { ...headers, host: new URL(target).host } },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          if (outgoing.destroyed || (limit !== undefined && bytes >= limit)) return;
          bytes += chunk.length;
          if (limit === undefined || bytes < limit) return void outgoing.write(chunk);
          response.destroy();
          broken.push(path);
          outgoing.write(chunk.subarray(0, chunk.length - (bytes - limit)), () => outgoing.destroy());
        });
        response.on("end", () => outgoing.end());
      },
    );
    forward.on("error", () => outgoing.destroy());
    incoming.pipe(forward);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    broken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
