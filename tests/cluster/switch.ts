/** A TCP proxy whose target can change, like a load balancer in front of the nodes of a cluster. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Switch extends AsyncDisposable {
  readonly url: string;
  /** Sends new connections to this URL and closes all others. */
  use(url: string): void;
}

export const startSwitch = async (firstUrl: string): Promise<Switch> => {
  let target = new URL(firstUrl);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use(url) {
      target = new URL(url);
      closeAll();
    },
    async [Symbol.asyncDispose]() {
      closeAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
