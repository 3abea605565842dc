/**
 * A real HTTP server on a free port. Its responses to `POST /logs` come from a script; later requests are accepted.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

export interface SentEvent {
  readonly id: string;
  readonly severity: string;
  readonly body: string;
  readonly time?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: Record<string, unknown>;
}

export interface SentBatch {
  readonly v: number;
  readonly id: string;
  readonly resource: Record<string, unknown>;
  readonly attributes?: Record<string, unknown>;
  readonly events: readonly SentEvent[];
}

export interface SentRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  readonly batch: SentBatch;
}

export interface ScriptedResponse {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
  readonly delayMs?: number;
  /** The body never ends. */
  readonly isStalled?: boolean;
}

export type Script = (request: SentRequest) => ScriptedResponse;

export const acceptAll: Script = ({ batch }) => ({
  status: 200,
  body: { v: 1, batch: batch.id, stored: batch.events.length, duplicates: 0, rejected: [] },
});

export const problem = (status: number, headers: Record<string, string> = {}): Script => {
  return () => ({ status, headers, body: { title: "No", status, reason: "internal", detail: "Scripted." } });
};

export interface ScriptedServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: SentRequest[];
  /** Responds to all later requests with `script`. Default: accepts them. */
  respondWith(script?: Script): void;
  stop(): Promise<void>;
}

/**
 * Starts the server. The n-th request gets the response of the n-th script. Pages of every origin may send requests.
 */
export const startScriptedServer = async (...script: readonly Script[]): Promise<ScriptedServer> => {
  const requests: SentRequest[] = [];
  let defaultScript: Script = acceptAll;
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type, content-encoding");
    if (request.method === "OPTIONS") {
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      const sent: SentRequest = {
        url: request.url ?? "",
        headers: request.headers,
        bytes: body.byteLength,
        batch: JSON.parse(body.toString()) as SentBatch,
      };
      const scripted = (script[requests.length] ?? defaultScript)(sent);
      requests.push(sent);
      void delay(scripted.delayMs ?? 0).then(() => {
        response.writeHead(scripted.status, scripted.headers);
        const text = typeof scripted.body === "string" ? scripted.body : JSON.stringify(scripted.body);
        if (scripted.isStalled === true) response.write(text);
        else response.end(text);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const respondWith = (next: Script = acceptAll): void => {
    defaultScript = next;
  };
  return { endpoint, requests, respondWith, stop, [Symbol.asyncDispose]: stop };
};
