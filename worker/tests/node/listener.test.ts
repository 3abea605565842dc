/** Listeners of the server for one host: connections end whatever their clients do. */
import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
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
    onFlood: () => undefined,
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
  ["another path", "GET /export?app=shop"],
  ["a path that is not valid", "GET /%zz"],
  ["another method", "POST /tail"],
])("answers a request with an upgrade of %s like one without it", async (_note, target) => {
  await using it = await start({
    onRequest: ({ url }, outgoing) => outgoing.end(`served ${url}`),
    onUpgrade: () => expect.unreachable(),
  });
  const client = await it.open(UPGRADE.replace("GET /tail", target));
  const [answer] = (await once(client, "data")) as [Buffer];
  expect(answer.toString()).toContain(`served ${target.split(" ")[1]}`);
});

it("upgrades a path with percent-encoding", async () => {
  await using it = await start();
  const client = await it.open(UPGRADE.replace("/tail", "/%74ail"));
  const [answer] = (await once(client, "data")) as [Buffer];
  expect(answer.toString()).toContain(" 426 ");
});

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

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

it("closes a connection with too many requests without a complete response, and passes on none of the others", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const floods: string[] = [];
  let requests = 0;
  const onRequest: RequestListener = ({ socket }) => {
    if (requests === 0) socket.once("close", () => resolve());
    requests += 1;
  };
  await using server = await start({ onRequest, onFlood: (peer) => floods.push(peer) });
  await server.open(GET.repeat(1_000));
  await closed;
  expect(requests).toBe(16);
  expect(floods).toEqual(["127.0.0.1"]);
});

it("answers any number of pipelined requests of a client that waits for responses", async () => {
  await using server = await start();
  const client = await server.open();
  for (let i = 0; i < 10; i += 1) {
    client.write(GET.repeat(10));
    let responses = 0;
    while (responses < 10) responses += String((await once(client, "data"))[0]).split("HTTP/1.1 200").length - 1;
  }
  expect(client.closed).toBe(false);
});

it("closes a connection whose client does not read the response", async () => {
  const { promise: requested, resolve } = Promise.withResolvers<IncomingMessage>();
  const onRequest: RequestListener = (incoming, outgoing) => {
    outgoing.end(Buffer.alloc(32 * 1024 * 1024));
    resolve(incoming);
  };
  await using server = await start({ stalledResponseMs: 100, onRequest });
  (await server.open(GET)).pause();
  const { socket } = await requested;
  if (!socket.destroyed) await once(socket, "close");
  expect(socket.destroyed).toBe(true);
});

it("keeps a connection whose response is not ready", async () => {
  const onRequest: RequestListener = (_, outgoing) => outgoing.once("timeout", () => outgoing.end("late"));
  await using server = await start({ stalledResponseMs: 20, onRequest });
  const client = await server.open(GET);
  expect(String((await once(client, "data"))[0])).toMatch(/late$/);
});

it("does not apply this timeout to an upgraded connection", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<Upgrade>();
  await using server = await start({ stalledResponseMs: 20, onUpgrade: arrive });
  await server.open(UPGRADE);
  expect((await arrived).incoming.socket.timeout).toBe(0);
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
