/** A bulk API that stores nothing and responds at once, in its own process: the limit of the Worker without OpenSearch. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";

const LINE_FEED = 0x0a;

const CREATED = '{"create":{"status":201}}';

/** Each document takes two lines. */
const countDocuments = (body: Buffer): number => {
  let lines = 0;
  for (let i = body.indexOf(LINE_FEED); i >= 0; i = body.indexOf(LINE_FEED, i + 1)) lines += 1;
  return lines / 2;
};

const serve = async (): Promise<void> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const isBulk = request.url?.startsWith("/_bulk") === true;
      const items = isBulk ? Array<string>(countDocuments(Buffer.concat(chunks))).fill(CREATED) : [];
      response.setHeader("Content-Type", "application/json");
      response.end(isBulk ? `{"items":[${items.join(",")}]}` : '{"status":"green"}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};

export interface InstantStore extends AsyncDisposable {
  readonly url: string;
}

export const startInstantStore = async (): Promise<InstantStore> => {
  const child = execaNode(fileURLToPath(import.meta.url), { ipc: true, reject: false });
  const url = await child.getOneMessage();
  return {
    url: String(url),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child;
    },
  };
};

if (import.meta.main) await serve();
