/** An HTTP proxy between the Worker and OpenSearch that can simulate failures of OpenSearch. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type OpenSearchMode =
  | { readonly kind: "healthy" }
  /** Responds to each `_bulk` request with this status and forwards none. */
  | { readonly kind: "status"; readonly status: number }
  /** Responds with 429 to this share of the items and forwards the others. */
  | { readonly kind: "some_429"; readonly share: number }
  /** Forwards the request and responds with 200 and an HTML page. */
  | { readonly kind: "garbage" }
  /** Forwards the request and truncates the response. */
  | { readonly kind: "cut" }
  /** Forwards the request and never responds. */
  | { readonly kind: "silent" }
  /** Forwards the request after a delay. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Limits the rate, and responds with 429 to requests that would wait for too long. */
  | { readonly kind: "throttled"; readonly documentsPerSecond: number };

/** Simulated length of OpenSearch's write queue, as a time. */
const MAX_QUEUE_MS = 3_000;

export interface FaultyOpenSearch extends AsyncDisposable {
  readonly url: string;
  mode: OpenSearchMode;
  /** URL of OpenSearch; set it before the first request. */
  target: string;
}

interface ProxyResponse {
  readonly status: number;
  readonly body: Buffer;
}

const readAll = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const forwardRequest = (target: string, request: IncomingMessage, body: Buffer): Promise<ProxyResponse> =>
  new Promise((resolve, reject) => {
    const { host: _, "content-length": __, ...headers } = request.headers;
    const outgoing = forward(new URL(request.url ?? "/", target), { method: request.method, headers }, (incoming) => {
      readAll(incoming).then((result) => resolve({ status: incoming.statusCode ?? 502, body: result }), reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });

interface Split {
  readonly forwarded: Buffer;
  readonly isRejected: readonly boolean[];
}

/** Removes a random share of the operations from a `_bulk` body. */
const splitBulk = (body: Buffer, share: number): Split => {
  const lines = body
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  const forwardedLines: string[] = [];
  const isRejected: boolean[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const reject = Math.random() < share;
    isRejected.push(reject);
    if (!reject) forwardedLines.push(`${lines[i]}\n${lines[i + 1]}\n`);
  }
  return { forwarded: Buffer.from(forwardedLines.join("")), isRejected };
};

const REJECTED_ITEM = {
  create: { status: 429, error: { type: "rejected_execution_exception", reason: "queue full" } },
};

const respondWithSome429 = async (
  target: string,
  request: IncomingMessage,
  body: Buffer,
  share: number,
): Promise<ProxyResponse> => {
  const { forwarded, isRejected } = splitBulk(body, share);
  const result = forwarded.length === 0 ? undefined : await forwardRequest(target, request, forwarded);
  const items = result === undefined ? [] : (JSON.parse(result.body.toString()) as { items: unknown[] }).items;
  const merged = isRejected.map((rejected) => (rejected ? REJECTED_ITEM : items.shift()));
  return { status: 200, body: Buffer.from(JSON.stringify({ items: merged })) };
};

const countDocuments = (body: Buffer): number => {
  let lines = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines += 1;
  return lines / 2;
};

/** Waits until the rate allows the documents; resolves to `false` if that takes too long. */
const createThrottle = (): ((documents: number, perSecond: number) => Promise<boolean>) => {
  let freeAtMs = 0;
  return async (documents, perSecond) => {
    const startMs = Math.max(freeAtMs, Date.now());
    if (startMs - Date.now() > MAX_QUEUE_MS) return false;
    freeAtMs = startMs + (documents / perSecond) * 1_000;
    await sleep(freeAtMs - Date.now());
    return true;
  };
};

type Throttle = ReturnType<typeof createThrottle>;

const handleBulk = async (
  proxy: FaultyOpenSearch,
  throttle: Throttle,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readAll(request);
  const { mode, target } = proxy;
  const send = ({ status, body: text }: ProxyResponse): void => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(text);
  };
  switch (mode.kind) {
    case "healthy":
      return send(await forwardRequest(target, request, body));
    case "status":
      return send({ status: mode.status, body: Buffer.from('{"error":"scripted"}') });
    case "some_429":
      return send(await respondWithSome429(target, request, body, mode.share));
    case "garbage":
      await forwardRequest(target, request, body);
      return send({ status: 200, body: Buffer.from("<html>It works!</html>") });
    case "cut": {
      const result = await forwardRequest(target, request, body);
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": result.body.length });
      response.write(result.body.subarray(0, result.body.length / 2));
      await sleep(20);
      response.destroy();
      return;
    }
    case "silent":
      await forwardRequest(target, request, body);
      return;
    case "slow":
      await sleep(mode.delayMs);
      return send(await forwardRequest(target, request, body));
    case "throttled": {
      const isAccepted = await throttle(countDocuments(body), mode.documentsPerSecond);
      return send(
        await (isAccepted ? forwardRequest(target, request, body) : respondWithSome429(target, request, body, 1)),
      );
    }
  }
};

export const startFaultyOpenSearch = async (): Promise<FaultyOpenSearch> => {
  const throttle = createThrottle();
  const server = createServer((request, response) => {
    const work = request.url?.startsWith("/_bulk")
      ? handleBulk(proxy, throttle, request, response)
      : readAll(request)
          .then((body) => forwardRequest(proxy.target, request, body))
          .then(({ status, body }) => response.writeHead(status, { "Content-Type": "application/json" }).end(body));
    // OpenSearch is unavailable: close the connection.
    work.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultyOpenSearch = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: { kind: "healthy" },
    target: "",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
};
