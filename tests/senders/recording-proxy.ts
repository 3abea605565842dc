/**
 * An HTTP proxy between a sender and the Worker that records requests. Credentials are replaced, so that a record can be in the
 * repository.
 */
import { Agent, createServer, request as forward, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A sender may have opened connections whose requests are not read yet. */
const [IDLE_CHECKS, IDLE_CHECK_MS] = [5, 200];

const KEEP_ALIVE_MS = 60_000;

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or base64 if it is not UTF-8. */
  readonly body: { readonly text: string } | { readonly base64: string };
  readonly status: number;
}

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the next request that sends logs. */
  nextRequest(): Promise<void>;
  /** Resolves when all requests have a response. Some senders end without waiting for it. */
  idle(): Promise<void>;
  /** Takes the requests since the last call. */
  take(): readonly RecordedRequest[];
}

/** Headers of the connection, and those that differ in each run. */
const OMITTED = new Set(["host", "connection", "content-length", "transfer-encoding", "accept-encoding", "keep-alive"]);

const SECRET_HEADERS = new Set(["authorization", "dd-api-key", "x-amz-firehose-access-key"]);

const toHeaders = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (OMITTED.has(name) || value === undefined) return [];
      return [[name, SECRET_HEADERS.has(name) ? "(credentials)" : String(value)]];
    }),
  );

const toBody = (bytes: Buffer): RecordedRequest["body"] => {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString("base64") };
};

const readAll = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** A new connection for each request: the Worker may close an unused one while a request is sent on it. */
const agent = new Agent({ keepAlive: false });

const forwardRequest = (target: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { host: _, "transfer-encoding": __, ...headers } = incoming.headers;
    const options = { agent, method: incoming.method, headers: { ...headers, "content-length": body.length } };
    const outgoing = forward(new URL(incoming.url ?? "/", target), options, resolve);
    outgoing.once("error", reject);
    outgoing.end(body);
  });

/** @param key The key that is replaced in paths. */
export const startRecordingProxy = async (target: string, key: string): Promise<RecordingProxy> => {
  let records: RecordedRequest[] = [];
  const waiting: (() => void)[] = [];
  let unanswered = 0;
  const server = createServer((incoming, outgoing) => {
    unanswered += 1;
    const handle = async (): Promise<void> => {
      const body = await readAll(incoming);
      if (body.length > 0) for (const resolve of waiting.splice(0)) resolve();
      const response = await forwardRequest(target, incoming, body);
      records.push({
        method: incoming.method ?? "GET",
        path: (incoming.url ?? "/").replaceAll(key, "(key)"),
        headers: toHeaders(incoming.headers),
        body: toBody(body),
        status: response.statusCode ?? 502,
      });
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    };
    void handle()
      .catch(() => outgoing.destroy())
      .finally(() => (unanswered -= 1));
  });
  // A sender on a busy machine would otherwise use a connection that the proxy closes.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextRequest() {
      return new Promise((resolve) => waiting.push(resolve));
    },
    async idle() {
      for (let idleChecks = 0; idleChecks < IDLE_CHECKS;) {
        await sleep(IDLE_CHECK_MS);
        idleChecks = unanswered === 0 ? idleChecks + 1 : 0;
      }
    },
    take() {
      const taken = records;
      records = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
