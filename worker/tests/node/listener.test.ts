/** Listeners of the server for one host: connections end whatever their clients do. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { refuseUpgrade, startListener, type Listener, type ListenerOptions } from "../../node/listener.ts";
import { createNodeSockets, type NodeSockets, type Upgrade } from "../../node/sockets.ts";

interface TestListener extends AsyncDisposable {
  readonly listener: Listener;
  /** Opens a connection, and writes `text`. */
  readonly open: (text?: string) => Promise<Socket>;
}

const start = async (options: Partial<ListenerOptions> = {}): Promise<TestListener> => {
  const listener = await startListener({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 100,
    onRequest: (_, outgoing) => outgoing.end(),
    onUpgrade: (upgrade) => void refuseUpgrade(upgrade, new Response("no", { status: 426 })),
    onError: () => undefined,
    onDrop: () => undefined,
    ...options,
  });
  const clients: Socket[] = [];
  return {
    listener,
    open: async (text = "") => {
      const client = connect({ port: listener.port, host: "127.0.0.1", allowHalfOpen: true });
      clients.push(client);
      client.on("error", () => undefined);
      await once(client, "connect");
      client.write(text);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      listener.destroy();
      await listener.stop();
    },
  };
};

const UPGRADE = "GET /tail HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

it.each([
  ["sends more and closes the connection", (client: Socket) => client.end("more")],
  ["sends more and keeps the connection open", (client: Socket) => client.write("more")],
  ["keeps the connection open", () => undefined],
])("closes the connection of a refused upgrade when the client %s", async (_, act) => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<Upgrade>();
  await using server = await start({ onUpgrade: arrive });
  const client = await server.open(UPGRADE);
  act(client);
  const upgrade = await arrived;
  const closed = once(upgrade.socket, "close");
  await refuseUpgrade(upgrade, new Response("no", { status: 426 }));
  await closed;
  expect(upgrade.socket.destroyed).toBe(true);
});

it("reports connections above the limit", async () => {
  const { promise: dropped, resolve } = Promise.withResolvers<string>();
  await using server = await start({ maxConnections: 1, onDrop: () => resolve("dropped") });
  await server.open();
  await server.open();
  expect(await dropped).toBe("dropped");
});

describe("the WebSocket of a tail", () => {
  const HANDSHAKE = UPGRADE.replace(
    /\r\n$/,
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
  );
  const MASK = [0, 0, 0, 0];

  /** Resolves to the code with which the server closes the WebSocket. */
  const readCloseCode = async (client: Socket): Promise<number> => {
    let received = Buffer.alloc(0);
    for await (const chunk of client) {
      received = Buffer.concat([received, chunk]);
      // A frame without fragments that closes the connection; the reason may follow the code.
      const frame = received.subarray(received.indexOf("\r\n\r\n") + 4);
      if (frame[0] === 0x88 && frame.length >= 4) return frame.readUInt16BE(2);
    }
    return 1006;
  };

  const startTails = async (): Promise<TestListener & { readonly sockets: NodeSockets }> => {
    const sockets = createNodeSockets("http://127.0.0.1:9");
    const server = await start({
      onUpgrade: (upgrade) => void sockets.toPort(upgrade, () => undefined).accept("mqtt"),
    });
    return { ...server, sockets };
  };

  it.each([
    ["a large message, of which it has only the header", [0x82, 0xfe, 0x9c, 0x40, ...MASK], 1009],
    [
      "a message in a hundred fragments",
      [0x02, 0x81, ...MASK, 0x61, ...Array.from({ length: 100 }, () => [0x00, 0x81, ...MASK, 0x61]).flat()],
      1008,
    ],
  ])("is closed for %s", async (_, bytes, code) => {
    await using server = await startTails();
    const client = await server.open(HANDSHAKE);
    client.write(Buffer.from(bytes));
    expect(await readCloseCode(client)).toBe(code);
  });
});
