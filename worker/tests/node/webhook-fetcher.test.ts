/** The requests of alerts on one host, to private addresses, and to servers that send what a webhook should not. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createWebhookFetcher } from "../../node/webhook-fetcher.ts";

/** Posts to a server that sends `answer` and closes the connection. Resolves to the status, or to the error. */
const post = async (answer: string, host = "127.0.0.1"): Promise<number | string> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `http://${host}:${(server.address() as AddressInfo).port}/`;
    const response = await createWebhookFetcher().fetch(url, {
      method: "POST",
      body: "{}",
      signal: AbortSignal.timeout(10_000),
    });
    return response.status;
  } catch (error) {
    return String(error);
  } finally {
    server.close();
  }
};

const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const EMPTY = "Content-Length: 0\r\n\r\n";

it.each([
  ["an upgrade", `HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}`, expect.stringMatching(/upgrade/)],
  ["the status 101 without an upgrade", `HTTP/1.1 101 A\r\n${EMPTY}`, 502],
  ["the status 600", `HTTP/1.1 600 A\r\n${EMPTY}`, 502],
  ["the status 999", `HTTP/1.1 999 A\r\n${EMPTY}`, 502],
  ["an early hint before its response", `HTTP/1.1 103 A\r\n\r\nHTTP/1.1 204 A\r\n\r\n`, 204],
  ["nothing", "", expect.stringMatching(/hang up|closed/)],
])("settles when the server sends %s", async (_, answer, expected) => {
  expect(await post(answer)).toEqual(expected);
});

it("does not reach this host by a public name that resolves to it", async () => {
  expect(await post("HTTP/1.1 204 A\r\n\r\n", "localhost")).toContain("private address");
});
