/**
 * A TCP proxy on loopback that simulates a faulty network link between two services.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type LinkMode =
  | { readonly kind: "healthy" }
  /** Connections are closed, and new ones refused. */
  | { readonly kind: "cut" }
  /** Each chunk is delayed. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** A share of the chunks, and all chunks behind them, are delayed by a TCP retransmission. */
  | { readonly kind: "lossy"; readonly share: number }
  /** Drops data from the server to the client. */
  | { readonly kind: "drop_responses" }
  /** Drops data from the client to the server. */
  | { readonly kind: "drop_requests" };

/** TCP retransmission timeout: the lower bound in Linux (RFC 6298), doubled once. */
const RETRANSMIT_MS = 400;

const delayOf = (mode: LinkMode): number => {
  if (mode.kind === "slow") return mode.delayMs;
  return mode.kind === "lossy" && Math.random() < mode.share ? RETRANSMIT_MS : 0;
};

export interface FaultyLink extends AsyncDisposable {
  readonly port: number;
  /** Port of the server; set it before the first connection. */
  targetPort: number;
  setMode(mode: LinkMode): void;
}

export const startFaultyLink = async (): Promise<FaultyLink> => {
  let mode: LinkMode = { kind: "healthy" };
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const pipe = (from: Socket, to: Socket, isResponse: boolean): void => {
    // Delays do not change the order of chunks.
    let freeAt = 0;
    from.on("data", (chunk: Buffer) => {
      if (mode.kind === (isResponse ? "drop_responses" : "drop_requests")) return;
      freeAt = Math.max(freeAt, performance.now() + delayOf(mode));
      const waitMs = freeAt - performance.now();
      if (waitMs <= 0) to.write(chunk);
      else setTimeout(() => to.writable && to.write(chunk), waitMs);
    });
    // Delayed chunks are delivered before the connection closes.
    from.once("close", () => setTimeout(() => to.destroySoon(), Math.max(0, freeAt - performance.now())));
  };
  const server = createServer((near) => {
    track(near);
    if (mode.kind === "cut") {
      near.destroy();
      return;
    }
    const far = connect(link.targetPort, "127.0.0.1");
    track(far);
    pipe(near, far, false);
    pipe(far, near, true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const link: FaultyLink = {
    port: (server.address() as AddressInfo).port,
    targetPort: 0,
    setMode(next) {
      // Dropped data leaves a gap in the stream, so the connection cannot be reused.
      const mustReset = next.kind === "cut" || mode.kind === "drop_responses" || mode.kind === "drop_requests";
      mode = next;
      if (mustReset) for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return link;
};
