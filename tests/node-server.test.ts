/**
 * The server for one host as a process: TLS and its renewal, trusted proxies, stopping, `kill -9`, cron jobs, malformed
 * requests. OpenSearch is scripted.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { Agent, request as requestTls } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { json } from "node:stream/consumers";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { writeBundle } from "../stack/lib/cached-bundle.ts";
import { openFileKv } from "../stack/apps/kv.ts";
import { APP, APP_KEY, putApp, startNodeServer, type NodeServer } from "./support/node-server.ts";
import { startBulkStore, type BulkStore } from "./support/bulk-store.ts";

let dir: string;
let bundle: string;
let store: BulkStore;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "edgelog-node-server-"));
  bundle = join(dir, "server.mjs");
  await writeBundle("server", bundle);
  store = await startBulkStore(300);
});
afterAll(async () => {
  await store?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const AUTHORIZATION = `Bearer ${APP}:${APP_KEY}`;

const postLogs = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(new URL("/logs", url), {
    method: "POST",
    body: JSON.stringify({ severity: "info", body: "hello" }),
    headers: { Authorization: AUTHORIZATION, ...headers },
  });

const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nHost: a\r\n";
const HANDSHAKE =
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n";

const createCertificate = (name: string): { readonly cert: string; readonly key: string } => {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", ...options, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  return { cert, key };
};

/** `GET /healthz` over TLS: the subject of the certificate, or the code of the error. */
const readCertificate = (port: number, ca: string, agent?: Agent): Promise<string> =>
  new Promise((resolve) => {
    const options = { port, host: "localhost", path: "/reader", ca: readFileSync(ca), agent: agent ?? new Agent() };
    const outgoing = requestTls(options, (response: IncomingMessage) => {
      const { subject } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume().once("end", () => resolve(String(subject.CN)));
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end();
  });

describe("TLS", () => {
  it("is refused by a client that does not trust the certificate, and replaced while connections stay open", async () => {
    const [first, second] = [createCertificate("first"), createCertificate("second")];
    const [cert, key] = [join(dir, "live.crt"), join(dir, "live.key")];
    const install = (files: { readonly cert: string; readonly key: string }): void => {
      copyFileSync(files.key, key);
      copyFileSync(files.cert, cert);
    };
    install(first);
    await using server = await startNodeServer(bundle, {
      SERVER_TLS_CERT: cert,
      SERVER_TLS_KEY: key,
      SERVER_TLS_RELOAD_SECONDS: "0.05",
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await readCertificate(server.tlsPort, first.cert, agent)).toBe("first");
    expect(await readCertificate(server.tlsPort, second.cert)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");

    // A renewal writes two files, and for a moment they do not belong together.
    copyFileSync(second.key, key);
    await server.waitForLine("the new certificate is not valid; the old one stays in use");
    expect(await readCertificate(server.tlsPort, first.cert)).toBe("first");
    copyFileSync(second.cert, cert);
    await server.waitForLine("the certificate was replaced");
    expect(await readCertificate(server.tlsPort, second.cert)).toBe("second");
    expect(await readCertificate(server.tlsPort, first.cert, agent)).toBe("first");
    agent.destroy();

    const lines = server.lines.length;
    install(first);
    server.kill("SIGHUP");
    await server.waitForLine("the certificate was replaced", lines);
    expect(await readCertificate(server.tlsPort, first.cert)).toBe("first");
  });

  it.each([
    [
      "a key of another certificate",
      "does not belong",
      () => ({ ...createCertificate("a"), key: createCertificate("b").key }),
    ],
    ["a missing file", "ENOENT", () => ({ ...createCertificate("a"), cert: join(dir, "missing.crt") })],
    [
      "a file that is not a certificate",
      "PEM",
      () => {
        const files = createCertificate("a");
        writeFileSync(files.cert, "not a certificate");
        return files;
      },
    ],
  ])("does not start with %s", async (_, reason, make) => {
    const { cert, key } = make();
    const starting = startNodeServer(bundle, { SERVER_TLS_CERT: cert, SERVER_TLS_KEY: key });
    await expect(starting).rejects.toThrow(reason);
  });
});

describe("behind a reverse proxy", () => {
  const LIMIT = 5;
  const statuses = async (server: NodeServer, headers: readonly Readonly<Record<string, string>>[]) =>
    (await Promise.all(headers.map((each) => fetch(new URL("/reader", server.url), { headers: each })))).map(
      ({ status }) => status,
    );
  const addresses = Array.from({ length: LIMIT + 1 }, (_, i) => ({ "X-Forwarded-For": `203.0.113.${i}` }));
  const oneAddress = addresses.map(() => ({ "X-Forwarded-For": "198.51.100.1" }));

  it("limits each client by the address that a trusted proxy sends", async () => {
    const env = { SERVER_ADDRESS_LIMIT: String(LIMIT), SERVER_TRUSTED_PROXIES: "127.0.0.1" };
    await using server = await startNodeServer(bundle, env);
    expect(await statuses(server, addresses)).not.toContain(429);
    // More than the limit of two periods, because the next one may begin in between.
    expect(await statuses(server, [...oneAddress, ...oneAddress])).toContain(429);
  });

  it("ignores the header of others, and the one of Cloudflare always", async () => {
    await using server = await startNodeServer(bundle, { SERVER_ADDRESS_LIMIT: String(LIMIT) });
    // Requests from loopback are not limited.
    expect(await statuses(server, oneAddress)).not.toContain(429);
    expect(
      await statuses(
        server,
        oneAddress.map(() => ({ "CF-Connecting-IP": "198.51.100.1" })),
      ),
    ).not.toContain(429);
  });

  it("compares a page's origin with the public URL", async () => {
    await using server = await startNodeServer(bundle, { SERVER_TRUSTED_PROXIES: "127.0.0.1" });
    const headers = {
      Origin: "https://logs.example",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "logs.example",
    };
    const open = (more: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${server.url.replace("http", "ws")}/tail`, ["mqtt"], {
          headers: { ...headers, ...more },
        });
        socket.once("open", () => resolve(101));
        socket.once("unexpected-response", (_, { statusCode = 0 }) => resolve(statusCode));
        socket.on("error", () => undefined);
      });
    expect(await open({})).toBe(101);
    expect(await open({ Origin: "https://evil.example" })).toBe(403);
  });
});

/** A request whose headers the server has read. It waits for its body. */
const beginPost = async (url: string): Promise<{ readonly finish: (body: string) => Promise<unknown> }> => {
  const outgoing = request(new URL("/logs", url), {
    method: "POST",
    headers: { Authorization: AUTHORIZATION, Expect: "100-continue" },
  });
  outgoing.on("error", () => undefined);
  const answered = new Promise<IncomingMessage>((resolve) => outgoing.once("response", resolve));
  outgoing.flushHeaders();
  await new Promise<void>((resolve) => outgoing.once("continue", () => resolve()));
  return {
    finish: async (body) => {
      outgoing.end(body);
      return await json(await answered);
    },
  };
};

describe("stopping", () => {
  it("finishes requests in progress, refuses new ones, closes WebSockets, and exits with 0", async () => {
    await using server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url });
    const webSocket = new WebSocket(`${server.url.replace("http", "ws")}/tail`, ["mqtt"]);
    await new Promise((resolve) => webSocket.once("open", resolve));
    const closed = new Promise<number>((resolve) => webSocket.once("close", resolve));
    const post = await beginPost(server.url);
    server.kill("SIGTERM");
    expect(await closed).toBe(1001);
    await expect(postLogs(server.url)).rejects.toThrow("fetch failed");
    expect(await post.finish('{"body":"hello"}')).toMatchObject({ stored: 1 });
    expect(await server.exited).toBe(0);
  });

  it("does not wait for connections without a request, handshakes, and tails whose clients do not respond", async () => {
    const { cert, key } = createCertificate("stopping");
    const tls = { SERVER_TLS_CERT: cert, SERVER_TLS_KEY: key };
    await using server = await startNodeServer(bundle, { ...tls, SERVER_DRAIN_SECONDS: "3" });
    const port = Number(new URL(server.url).port);
    const silent = [port, server.tlsPort].map((each) => connect(each, "127.0.0.1").on("error", () => undefined));
    await Promise.all(silent.map((socket) => once(socket, "connect")));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await readCertificate(server.tlsPort, cert, agent)).toBe("stopping");
    const tail = connect(port, "127.0.0.1", () => tail.write(`GET /tail HTTP/1.1\r\n${UPGRADE}${HANDSHAKE}\r\n`));
    tail.on("error", () => undefined);
    const [chunk] = (await once(tail, "data")) as [Buffer];
    expect(chunk.toString("latin1")).toMatch(/ 101 /);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    agent.destroy();
  });

  it("exits with 1 when a request does not end in time", async () => {
    await using server = await startNodeServer(bundle, { SERVER_DRAIN_SECONDS: "0.2" });
    await beginPost(server.url);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(1);
  });
});

describe("state", () => {
  it("survives kill -9, and changes of another process are effective within two seconds", async () => {
    await using server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url });
    expect((await postLogs(server.url)).status).toBe(200);
    await putApp(server.stateDir, { disabled: true });
    await expect.poll(async () => (await postLogs(server.url)).status).toBe(403);
    server.kill("SIGKILL");
    expect(await server.exited).toBe("SIGKILL");
    await using kv = openFileKv(join(server.stateDir, "kv.sqlite"));
    expect(await kv.list("app:")).toEqual(new Map([[`app:${APP}`, expect.objectContaining({ disabled: true })]]));
  });

  it("is not used when it is damaged", async () => {
    const state = mkdtempSync(join(dir, "damaged-"));
    {
      await using kv = openFileKv(join(state, "kv.sqlite"));
      await kv.put(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`app:${i}`, "x".repeat(500)])));
    }
    const server = await startNodeServer(bundle, {}, { stateDir: state });
    server.kill("SIGTERM");
    await server.exited;
    const path = join(state, "kv.sqlite");
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4_096, 3 * 4_096);
    writeFileSync(path, bytes);
    await expect(startNodeServer(bundle, {}, { stateDir: state })).rejects.toThrow(/damaged|malformed/);
  });
});

describe("cron jobs", () => {
  it("run when the server starts, and report a failure", async () => {
    await using server = await startNodeServer(bundle, { SERVER_CRONS: "schedule" });
    const failed = await server.waitForLine("a cron job failed; it runs again at its next time");
    expect(["* * * * *", "17 * * * *"]).toContain(failed["cron"]);
    expect((await fetch(new URL("/cdn-cgi/local/scheduled?cron=*+*+*+*+*", server.url))).status).toBe(404);
  });
});

describe("hostile requests", () => {
  it("that use up all open files do not end the server", async () => {
    await using server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url }, { maxFiles: 48 });
    const { port } = new URL(server.url);
    const sockets = Array.from({ length: 64 }, () => connect(Number(port), "127.0.0.1").on("error", () => undefined));
    // The server closes connections that it cannot keep.
    await Promise.race(sockets.map((socket) => once(socket, "close")));
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await postLogs(server.url).catch(() => undefined))?.status).toBe(200);
  });

  it("do not end the server", async () => {
    await using server = await startNodeServer(bundle, { OPENSEARCH_URL: store.url });
    const { port } = new URL(server.url);
    const send = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let answer = "";
        const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
        socket.on("data", (chunk) => {
          answer += chunk.toString("latin1");
          socket.end();
        });
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(answer.split("\r\n")[0] ?? ""));
      });
    const answers = {
      noHost: await send("GET / HTTP/1.0\r\n\r\n"),
      badHost: await send("GET /reader HTTP/1.1\r\nHost: a b/@c\r\nConnection: close\r\n\r\n"),
      badUpgradeHost: await send(`GET /tail HTTP/1.1\r\n${UPGRADE.replace("Host: a", "Host: a b/@c")}${HANDSHAKE}\r\n`),
      userInUpgradeHost: await send(
        `GET /tail HTTP/1.1\r\n${UPGRADE.replace("Host: a", "Host: a:b@c")}${HANDSHAKE}\r\n`,
      ),
      badTarget: await send(`GET //tail[ HTTP/1.1\r\n${UPGRADE}${HANDSHAKE}\r\n`),
      noKey: await send(`GET /mqtt HTTP/1.1\r\n${UPGRADE}Sec-WebSocket-Protocol: mqtt\r\n\r\n`),
      upgradeOfPost: await send(`POST /logs HTTP/1.1\r\n${UPGRADE}${HANDSHAKE}Content-Length: 2\r\n\r\n{}`),
      http2: await send(
        "GET /reader HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
      ),
      garbage: await send("\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"),
    };
    expect(answers).toEqual({
      noHost: expect.stringMatching(/ 400 /),
      badHost: expect.stringMatching(/ 400 /),
      badUpgradeHost: expect.stringMatching(/ 400 /),
      userInUpgradeHost: expect.stringMatching(/ 400 /),
      badTarget: expect.stringMatching(/ 40\d /),
      noKey: expect.stringMatching(/ 426 /),
      upgradeOfPost: expect.stringMatching(/ 4\d\d /),
      http2: expect.stringMatching(/ 401 /),
      garbage: expect.stringMatching(/^$| 400 /),
    });
    // A client that ends in the middle of an upgrade.
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(`GET /mqtt HTTP/1.1\r\n${UPGRADE}${HANDSHAKE}\r\n`);
      socket.resetAndDestroy();
    });
    await new Promise((resolve) => socket.once("close", resolve));
    expect((await postLogs(server.url)).status).toBe(200);
    expect(server.lines.filter(({ level, msg }) => Number(level) >= 50 || msg?.startsWith("an upgrade"))).toEqual([]);
  });
});
