/**
 * An HTTP proxy between the Worker and OpenSearch that can misbehave in every way that a store can.
 */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type StoreMood =
  | { readonly kind: "healthy" }
  /** Answers each `_bulk` with this status and passes nothing on. */
  | { readonly kind: "status"; readonly status: number }
  /** Passes on, then says 429 for this share of the items, which it did not pass on. */
  | { readonly kind: "some_429"; readonly share: number }
  /** Passes on, and answers 200 with something that is no answer. */
  | { readonly kind: "garbage" }
  /** Passes on, and cuts the answer in the middle. */
  | { readonly kind: "cut" }
  /** Passes on, and never answers. */
  | { readonly kind: "silent" }
  /** Passes on and answers late. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Takes no more than this, one request after the other, and says 429 to what would wait for too long. */
  | { readonly kind: "throttled"; readonly documentsPerSecond: number };

/** What OpenSearch lets wait before it refuses: its write queue, in time. */
const LONGEST_QUEUE_MS = 3_000;

export interface FaultyStore extends AsyncDisposable {
  readonly url: string;
  mood: StoreMood;
  /** Where OpenSearch is; to be set before the first request. */
  target: string;
}

interface StoreAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const readAll = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const passOn = (target: string, request: IncomingMessage, body: Buffer): Promise<StoreAnswer> =>
  new Promise((resolve, reject) => {
    const { host: _, "content-length": __, ...headers } = request.headers;
    const outgoing = forward(new URL(request.url ?? "/", target), { method: request.method, headers }, (incoming) => {
      readAll(incoming).then((answer) => resolve({ status: incoming.statusCode ?? 502, body: answer }), reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });

interface Split {
  readonly kept: Buffer;
  readonly isRefused: readonly boolean[];
}

/** Takes a share of the operations out of a `_bulk` body. */
const splitBulk = (body: Buffer, share: number): Split => {
  const lines = body
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  const kept: string[] = [];
  const isRefused: boolean[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const refuse = Math.random() < share;
    isRefused.push(refuse);
    if (!refuse) kept.push(`${lines[i]}\n${lines[i + 1]}\n`);
  }
  return { kept: Buffer.from(kept.join("")), isRefused };
};

const REFUSED_ITEM = { create: { status: 429, error: { type: "rejected_execution_exception", reason: "queue full" } } };

const answerSome429 = async (
  target: string,
  request: IncomingMessage,
  body: Buffer,
  share: number,
): Promise<StoreAnswer> => {
  const { kept, isRefused } = splitBulk(body, share);
  const answer = kept.length === 0 ? undefined : await passOn(target, request, kept);
  const items = answer === undefined ? [] : (JSON.parse(answer.body.toString()) as { items: unknown[] }).items;
  const merged = isRefused.map((refused) => (refused ? REFUSED_ITEM : items.shift()));
  return { status: 200, body: Buffer.from(JSON.stringify({ items: merged })) };
};

const countDocuments = (body: Buffer): number => {
  let lines = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines += 1;
  return lines / 2;
};

/** Waits for its turn; `false` when that would take too long. */
const createThrottle = (): ((documents: number, perSecond: number) => Promise<boolean>) => {
  let freeAtMs = 0;
  return async (documents, perSecond) => {
    const startMs = Math.max(freeAtMs, Date.now());
    if (startMs - Date.now() > LONGEST_QUEUE_MS) return false;
    freeAtMs = startMs + (documents / perSecond) * 1_000;
    await sleep(freeAtMs - Date.now());
    return true;
  };
};

type Throttle = ReturnType<typeof createThrottle>;

const answerBulk = async (
  store: FaultyStore,
  throttle: Throttle,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readAll(request);
  const { mood, target } = store;
  const send = ({ status, body: text }: StoreAnswer): void => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(text);
  };
  switch (mood.kind) {
    case "healthy":
      return send(await passOn(target, request, body));
    case "status":
      return send({ status: mood.status, body: Buffer.from('{"error":"scripted"}') });
    case "some_429":
      return send(await answerSome429(target, request, body, mood.share));
    case "garbage":
      await passOn(target, request, body);
      return send({ status: 200, body: Buffer.from("<html>It works!</html>") });
    case "cut": {
      const answer = await passOn(target, request, body);
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.body.length });
      response.write(answer.body.subarray(0, answer.body.length / 2));
      await sleep(20);
      response.destroy();
      return;
    }
    case "silent":
      await passOn(target, request, body);
      return;
    case "slow":
      await sleep(mood.delayMs);
      return send(await passOn(target, request, body));
    case "throttled": {
      const isTaken = await throttle(countDocuments(body), mood.documentsPerSecond);
      return send(await (isTaken ? passOn(target, request, body) : answerSome429(target, request, body, 1)));
    }
  }
};

export const startFaultyStore = async (): Promise<FaultyStore> => {
  const throttle = createThrottle();
  const server = createServer((request, response) => {
    const work = request.url?.startsWith("/_bulk")
      ? answerBulk(store, throttle, request, response)
      : readAll(request)
          .then((body) => passOn(store.target, request, body))
          .then(({ status, body }) => response.writeHead(status, { "Content-Type": "application/json" }).end(body));
    // OpenSearch itself is away: as if the connection broke.
    work.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const store: FaultyStore = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mood: { kind: "healthy" },
    target: "",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
};
