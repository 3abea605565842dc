/**
 * A TCP proxy on loopback: a network link between two parts that can be cut, slowed, or made to carry one way only.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type LinkMood =
  | { readonly kind: "healthy" }
  /** Connections break, and new ones are refused. */
  | { readonly kind: "cut" }
  /** Every chunk comes this much later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** What the connecting side sends gets through; nothing comes back. */
  | { readonly kind: "one_way" }
  /** The connecting side gets everything; nothing of what it sends gets through. */
  | { readonly kind: "deaf" };

export interface FaultyLink extends AsyncDisposable {
  readonly port: number;
  /** Port of the other side; to be set before the first connection. */
  targetPort: number;
  setMood(mood: LinkMood): void;
}

export const startFaultyLink = async (): Promise<FaultyLink> => {
  let mood: LinkMood = { kind: "healthy" };
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const carry = (from: Socket, to: Socket, isAnswer: boolean): void => {
    from.on("data", (chunk: Buffer) => {
      if (mood.kind === (isAnswer ? "one_way" : "deaf")) return;
      if (mood.kind === "slow") setTimeout(() => to.writable && to.write(chunk), mood.delayMs);
      else to.write(chunk);
    });
    from.once("close", () => to.destroy());
  };
  const server = createServer((near) => {
    track(near);
    if (mood.kind === "cut") {
      near.destroy();
      return;
    }
    const far = connect(link.targetPort, "127.0.0.1");
    track(far);
    carry(near, far, false);
    carry(far, near, true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const link: FaultyLink = {
    port: (server.address() as AddressInfo).port,
    targetPort: 0,
    setMood(next) {
      // What was swallowed leaves a hole in the stream: such a connection can't be mended.
      const mustBreak = next.kind === "cut" || mood.kind === "one_way" || mood.kind === "deaf";
      mood = next;
      if (mustBreak) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return link;
};
