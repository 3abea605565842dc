/** A TCP proxy whose connections can be broken, and which can refuse new ones. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface CuttableProxy extends AsyncDisposable {
  readonly port: number;
  /** Resets open connections, and refuses new ones for `ms` milliseconds. */
  cut(ms: number): void;
}

/** Longer than a test. */
const CUT_MS = 60_000;

export interface CuttableProxyOptions {
  /** Cuts the connections when the client of one has sent this many bytes, before the server gets the last ones. Default: never. */
  readonly cutAfterBytes?: number;
}

export const startCuttableProxy = async (
  targetPort: number,
  { cutAfterBytes = Number.POSITIVE_INFINITY }: CuttableProxyOptions = {},
): Promise<CuttableProxy> => {
  const sockets = new Set<Socket>();
  let refuseUntilMs = 0;
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const cut = (ms: number): void => {
    refuseUntilMs = Date.now() + ms;
    breakAll();
  };
  const server = createServer((incoming) => {
    if (Date.now() < refuseUntilMs) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(targetPort, "127.0.0.1");
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => other.destroy());
      socket.pipe(other);
    }
    let sentBytes = 0;
    // Before `pipe` forwards the same bytes.
    incoming.prependListener("data", ({ byteLength }: Buffer) => {
      sentBytes += byteLength;
      if (sentBytes > cutAfterBytes) cut(CUT_MS);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
