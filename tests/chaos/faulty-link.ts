/**
 * A TCP proxy on loopback: a network link between two services that can be cut, slowed, or made to carry one way only.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type LinkMood =
  | { readonly kind: "healthy" }
  /** Connections break, and new ones are refused. */
  | { readonly kind: "cut" }
  /** Every chunk comes this much later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** A share of the chunks waits for TCP to send it again, and what follows waits with it. */
  | { readonly kind: "lossy"; readonly share: number }
  /** What the connecting side sends gets through; nothing comes back. */
  | { readonly kind: "one_way" }
  /** The connecting side gets everything; nothing of what it sends gets through. */
  | { readonly kind: "deaf" };

/** What TCP waits before it sends a lost segment again (RFC 6298's lower bound in Linux), doubled once. */
const RETRANSMIT_MS = 400;

const delayOf = (mood: LinkMood): number => {
  if (mood.kind === "slow") return mood.delayMs;
  return mood.kind === "lossy" && Math.random() < mood.share ? RETRANSMIT_MS : 0;
};

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
    // Chunks keep their order, whatever each of them waits for.
    let freeAt = 0;
    from.on("data", (chunk: Buffer) => {
      if (mood.kind === (isAnswer ? "one_way" : "deaf")) return;
      freeAt = Math.max(freeAt, performance.now() + delayOf(mood));
      const waitMs = freeAt - performance.now();
      if (waitMs <= 0) to.write(chunk);
      else setTimeout(() => to.writable && to.write(chunk), waitMs);
    });
    // What was sent before the end arrives before the end.
    from.once("close", () => setTimeout(() => to.destroySoon(), Math.max(0, freeAt - performance.now())));
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
