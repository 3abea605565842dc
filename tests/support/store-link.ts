/** A TCP proxy in front of OpenSearch that a test can cut: an outage without the time in which a node starts again. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { reservePort } from "../../stack/lib/ports.ts";

export interface StoreLink extends AsyncDisposable {
  readonly url: string;
  /** Closes all connections and refuses new ones. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** `target`: URL of OpenSearch. */
export const startStoreLink = async (target: string): Promise<StoreLink> => {
  const port = await reservePort();
  const sockets = new Set<Socket>();
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on("error", () => undefined); // followed by `close`
    from.once("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  const { hostname, port: targetPort } = new URL(target);
  const server = createServer((socket) => {
    const upstream = connect(Number(targetPort), hostname);
    join(socket, upstream);
    join(upstream, socket);
  });
  const restore = async (): Promise<void> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await restore();
  return { url: `http://127.0.0.1:${port}`, cut, restore, [Symbol.asyncDispose]: cut };
};
