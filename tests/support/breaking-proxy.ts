/** Passes requests on, and breaks the connection of those whose turn it is. */
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface BreakingProxy extends AsyncDisposable {
  readonly url: string;
  /** Paths of requests that were broken off. */
  readonly broken: readonly string[];
}

/** `breakAfter` gives the bytes of the answer after which a request breaks; `undefined` passes it on. */
export const startBreakingProxy = async (
  target: string,
  breakAfter: (path: string) => number | undefined,
): Promise<BreakingProxy> => {
  const broken: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const limit = breakAfter(path);
    // Compressed, an answer is too short to be broken where the test wants it.
    const { "accept-encoding": _, ...headers } = incoming.headers;
    const forward = request(
      new URL(path, target),
      { method: incoming.method, headers: { ...headers, host: new URL(target).host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          if (outgoing.destroyed || (limit !== undefined && bytes >= limit)) return;
          bytes += chunk.length;
          if (limit === undefined || bytes < limit) return void outgoing.write(chunk);
          answer.destroy();
          broken.push(path);
          outgoing.write(chunk.subarray(0, chunk.length - (bytes - limit)), () => outgoing.destroy());
        });
        answer.on("end", () => outgoing.end());
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
