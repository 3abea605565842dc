/** OpenSearch and the broker behind a TLS proxy that refuses requests without a service token, as behind Cloudflare Access. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeHome } from "./support/make-home.ts";
import { DEMO_APP } from "../stack/lib/secrets.ts";
import { startWorker, type Worker } from "../stack/services/worker.ts";
import {
  createCertificate,
  SERVICE_TOKEN,
  startAccessProxy,
  type AccessProxy,
  type Certificate,
} from "./support/access-proxy.ts";
import { startBulkStore, type BulkStore } from "./support/bulk-store.ts";

let home: string;
let store: BulkStore;
/** Accepts every upgrade to a WebSocket. */
let broker: Server;
let certificate: Certificate;
let storeProxy: AccessProxy;
let brokerProxy: AccessProxy;
const workers: Worker[] = [];

const WEB_SOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

beforeAll(async () => {
  home = await makeHome("edgelog-private");
  store = await startBulkStore(0);
  broker = createServer().on("upgrade", (request, socket) => {
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${WEB_SOCKET_GUID}`);
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: ${accept.digest("base64")}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, "127.0.0.1", resolve));
  certificate = createCertificate(home);
  storeProxy = await startAccessProxy(certificate, store.url);
  brokerProxy = await startAccessProxy(certificate, `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await storeProxy?.[Symbol.asyncDispose]();
  await brokerProxy?.[Symbol.asyncDispose]();
  broker?.closeAllConnections();
  broker?.close();
  await store?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const start = async (name: string, secret: string): Promise<Worker> => {
  const { NODE_EXTRA_CA_CERTS: before } = process.env;
  process.env["NODE_EXTRA_CA_CERTS"] = certificate.path;
  try {
    const worker = await startWorker({
      home: join(home, name),
      opensearchUrl: storeProxy.url,
      brokerUrl: brokerProxy.url,
      env: { ACCESS_CLIENT_ID: SERVICE_TOKEN.id, ACCESS_CLIENT_SECRET: secret },
    });
    workers.push(worker);
    return worker;
  } finally {
    if (before === undefined) delete process.env["NODE_EXTRA_CA_CERTS"];
    else process.env["NODE_EXTRA_CA_CERTS"] = before;
  }
};

const post = ({ url, secrets }: Worker): Promise<Response> =>
  fetch(`${url}/logs`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`${DEMO_APP}:${secrets.appKey}`)}` },
    body: JSON.stringify({ severity: "info", body: "through the proxy" }),
  });

const openMqtt = ({ url }: Worker): Promise<"open" | number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/mqtt`, "mqtt");
    socket.addEventListener("close", ({ code }) => resolve(code));
    socket.addEventListener("open", () => {
      setTimeout(() => {
        resolve("open");
        socket.close();
      }, 1_500);
    });
  });

describe("origins behind a TLS proxy that requires a service token", { timeout: 240_000 }, () => {
  it("are reached with the token: a log is stored, and /mqtt reaches the broker", async () => {
    const worker = await start("with-token", SERVICE_TOKEN.secret);
    expect((await post(worker)).status).toBe(200);
    expect(store.count()).toBe(1);
    expect(storeProxy.passed()).toBeGreaterThan(0);
    expect(await openMqtt(worker)).toBe("open");
    expect(brokerProxy.passed()).toBe(1);
    expect([storeProxy.refused(), brokerProxy.refused()]).toEqual([0, 0]);
  });

  it("refuse a wrong token: the log is to be sent again, and /mqtt closes with 1013", async () => {
    const worker = await start("wrong-token", "wrong");
    const response = await post(worker);
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).not.toBeNull();
    expect(await openMqtt(worker)).toBe(1013);
    expect(storeProxy.refused()).toBeGreaterThan(0);
    expect(brokerProxy.refused()).toBe(1);
    expect(store.count()).toBe(1);
  });
});
