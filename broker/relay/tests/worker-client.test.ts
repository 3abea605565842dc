import { createServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeRelayFrame, type RelayedMessage } from "#contract/relay/relay-frame.ts";
import { createStamp } from "../src/create-stamp.ts";
import { createWorkerClient, type WorkerClient } from "../src/worker-client.ts";

/** Responds with the first byte of each payload, or with nothing if the bytes of a payload differ, as the number of stored events. */
const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    const outcomes = decodeRelayFrame(body)?.messages.map(({ payload }) => {
      const [stored] = payload;
      const isWhole = payload.every((byte) => byte === stored);
      return isWhole ? { state: "done", receipt: { v: 1, stored, duplicates: 0, rejected: [] } } : undefined;
    });
    response.end(JSON.stringify({ v: 1, outcomes }));
  });
});

const listen = async (listening: TcpServer): Promise<WorkerClient> => {
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return createWorkerClient({ url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, token: "t" });
};

/** More bytes than the buffers of a connection. */
const LARGE = 16_000_000;

const toMessage = (size: number, byte: number): RelayedMessage => ({
  id: createStamp(Date.now()),
  topic: "logs/shop/c1",
  payload: new Uint8Array(size).fill(byte),
});

let client: WorkerClient;
beforeAll(async () => {
  client = await listen(server);
});
afterAll(() => server.closeAllConnections());

describe("concurrent requests", () => {
  it("have their own bodies, whatever their sizes", async () => {
    const sizes = [1_500_000, 10, 3_000_000, 700_000, 2_999_999, 1];
    const sent = sizes.map((size, i) => toMessage(size, i + 1));
    const outcomes = await Promise.all(sent.map((message) => client.send([message, message], { setAside: false })));
    const stored = outcomes.map((own) => own.map((outcome) => outcome.state === "done" && outcome.receipt.stored));
    expect(stored).toEqual(sizes.map((_, i) => [i + 1, i + 1]));
  });
});

describe("a request that fails", () => {
  it.each([
    ["5", 5_000],
    ["86400", 60_000],
    ["1e400", 60_000],
    ["-1", 0],
    ["Mon, 30 Nov 2026 12:00:00 GMT", 0],
  ])("has a bounded delay: Retry-After: %s", async (header, retryAfterMs) => {
    const unavailable = createServer((_request, response) => response.writeHead(503, { "Retry-After": header }).end());
    const failing = await listen(unavailable);
    await expect(failing.send([toMessage(1, 1)], { setAside: false })).rejects.toMatchObject({ retryAfterMs });
    unavailable.close();
    unavailable.closeAllConnections();
  });

  it("keeps its body until it is sent", async () => {
    const received: Buffer[] = [];
    const sockets: Socket[] = [];
    // Reads only the start of the first request before it responds, so that the rest stays in the client.
    const busy = createTcpServer((socket) => {
      sockets.push(socket);
      if (sockets.length > 1) return void server.emit("connection", socket);
      socket.once("data", (start: Buffer) => {
        received.push(start);
        socket.pause().write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
      });
    });
    const busyClient = await listen(busy);
    const failed = busyClient.send([toMessage(LARGE, 1)], { setAside: false });
    await expect(failed).rejects.toMatchObject({ failure: "unavailable" });
    const [outcome] = await busyClient.send([toMessage(LARGE, 2)], { setAside: false });
    expect(outcome).toMatchObject({ state: "done", receipt: { stored: 2 } });

    sockets[0]?.on("data", (part: Buffer) => received.push(part)).resume();
    const countOnes = (): number => Buffer.concat(received).reduce((sum, byte) => sum + Number(byte === 1), 0);
    await expect.poll(countOnes).toBe(LARGE);
    for (const socket of sockets) socket.destroy();
    busy.close();
  });

  it("is sent again if a kept connection is closed", async () => {
    let requests = 0;
    const closing = createServer((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else server.emit("request", request, response);
    });
    const closingClient = await listen(closing);
    await closingClient.send([toMessage(10, 1)], { setAside: false });
    const [outcome] = await closingClient.send([toMessage(10, 2)], { setAside: false });
    expect(outcome).toMatchObject({ state: "done", receipt: { stored: 2 } });
    expect(requests).toBe(3);
    closing.closeAllConnections();
  });

  it.each([
    ["closes the connection", "", "failed"],
    ["switches protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "failed"],
    ["redirects", "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "not_the_worker"],
    ["ends the body early", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "failed"],
    ["refuses the token", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\n\r\n{}", "denied"],
  ])("when the server %s", async (_, response, failure) => {
    const failing = createTcpServer((socket) =>
      socket.on("error", () => undefined).once("data", () => socket.end(response)),
    );
    const failingClient = await listen(failing);
    await expect(failingClient.send([toMessage(10, 1)], { setAside: false })).rejects.toMatchObject({ failure });
    failing.close();
  });
});

describe("the Worker responds", () => {
  it.each([
    [200, true],
    [403, true],
    [502, false],
  ])("if /healthz has the status %i: %s", async (status, responds) => {
    const front = createServer((_, response) => response.writeHead(status).end());
    const frontClient = await listen(front);
    expect(await frontClient.responds()).toBe(responds);
    front.closeAllConnections();
    front.close();
  });
});
